package main

import (
	"encoding/gob"
	"math/big"
	"net/netip"
	"net/url"
	"time"
)

// What an application may have in its sessions.

type Level uint8
type Celsius float64
type Title string
type Flag bool
type Blob []byte
type Hash [4]byte
type Names []string
type Empty struct{}
type Point struct{ X, Y int }
type Address struct {
	Street string
	Zip    *string
}
type User struct {
	ID    int
	Name  string
	Admin bool
	Tags  []string
	Home  Address
	Meta  map[string]int
	Score float64
}
type Node struct {
	Value int
	Next  *Node
}
type Deep struct{ P **int }
type Tree struct {
	Name        string
	Left, Right *Tree
	Kids        []*Tree
	ByName      map[string]*Tree
}
type Base struct {
	ID      int64
	Created time.Time
}
type Account struct {
	Base
	Owner   *User
	Roles   map[string]bool
	Limits  [4]uint16
	Extra   interface{}
	Notes   []interface{}
	Key     Opaque
	Label   Text
	Balance *big.Int
	Ready   bool
}
type Times struct {
	At    time.Time
	Ptr   *time.Time
	Took  time.Duration
	Each  []time.Time
	ByDay map[string]time.Time
}
type Numbers struct {
	I8   int8
	I16  int16
	I32  int32
	I64  int64
	U8   uint8
	U16  uint16
	U32  uint32
	U64  uint64
	F32  float32
	F64  float64
	C64  complex64
	C128 complex128
	U    uint
	P    uintptr
	R    rune
	B    byte
}
type Sparse struct{ A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P int }
type Pair[A, B any] struct {
	First  A
	Second B
}
type Iface struct{ V interface{} }
type Shape interface{ Area() float64 }
type Square struct{ Side float64 }
type Circle struct{ R float64 }
type Drawing struct {
	Main   Shape
	Shapes []Shape
	ByName map[string]Shape
}
type Ünïcode struct{ Größe, Ä int }

func (s Square) Area() float64  { return s.Side * s.Side }
func (c *Circle) Area() float64 { return c.R * c.R * 3 }

// Opaque encodes itself for gob alone.
type Opaque struct{ hidden []byte }

func (o Opaque) GobEncode() ([]byte, error)   { return o.hidden, nil }
func (o *Opaque) GobDecode(data []byte) error { o.hidden = append([]byte{}, data...); return nil }

// Text encodes itself for any format.
type Text struct{ hidden string }

func (t Text) MarshalBinary() ([]byte, error)     { return []byte(t.hidden), nil }
func (t *Text) UnmarshalBinary(data []byte) error { t.hidden = string(data); return nil }

// samples has a value of each type that a session may hold at its top.
var samples = []interface{}{
	false, "", 0, int8(0), int16(0), int32(0), int64(0), uint(0), uint8(0), uint16(0), uint32(0), uint64(0), uintptr(0),
	float32(0), float64(0), complex64(0), complex128(0),
	[]byte{}, []string{}, []bool{}, []int{}, []int8{}, []int16{}, []int32{}, []int64{}, []uint{}, []uint16{}, []uint32{}, []uint64{},
	[]uintptr{}, []float32{}, []float64{}, []complex64{}, []complex128{},
	time.Time{}, time.Duration(0), []time.Time{}, []time.Duration{},
	Level(0), Celsius(0), Title(""), Flag(false), Blob{}, Hash{}, Names{}, Empty{}, Point{}, User{}, &Node{}, Deep{}, &Tree{}, Account{},
	Times{}, Numbers{}, Sparse{}, Pair[int, string]{}, Pair[Point, Pair[int, bool]]{}, Iface{}, Square{}, &Circle{}, Drawing{}, Ünïcode{},
	Opaque{}, Text{}, &big.Int{}, &big.Float{}, &big.Rat{}, netip.Addr{}, netip.Prefix{}, &url.URL{}, struct{ A, B int }{},
	[3]int{}, [5]uint8{}, []*big.Int{}, []*Node{}, []*User{}, [][]int{}, [][][]int{}, [][]string{}, []interface{}{}, []Empty{}, []Names{},
	[]Point{}, []Shape{}, []Sparse{}, []Title{}, []User{}, []map[string]interface{}{}, []map[string]string{},
	map[int]string{}, map[interface{}]interface{}{}, map[Level]Celsius{}, map[Point]string{}, map[string]*User{}, map[string][]interface{}{},
	map[string][]map[string]interface{}{}, map[string][]byte{}, map[string]int{}, map[string]interface{}{}, map[string]Opaque{},
	map[string]Point{}, map[string]User{}, map[string]map[string]int{}, map[string]map[string]map[string]string{}, map[string]string{},
	map[string]Text{}, map[bool]int{}, map[float64]int{}, map[int64][]string{}, map[uint8]bool{}, map[string][3]int{}, map[[2]int]string{},
}

func init() {
	for _, sample := range samples {
		gob.Register(sample)
	}
	// A name that the application chose.
	gob.RegisterName("pt", &Pair[bool, bool]{})
	samples = append(samples, &Pair[bool, bool]{})
}
