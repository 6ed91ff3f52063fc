package main

import (
	"math"
	"math/big"
	"math/rand"
	"net/netip"
	"net/url"
	"reflect"
	"time"
)

// maker fills values at random.
type maker struct{ *rand.Rand }

var texts = []string{"", "a", "user", "__proto__", "constructor", "ä", "🍪", "\u2028", "a\xff\xfeb", "\xf0\x9f\x8d", "\x00", "0", "-1"}
var ints = []int64{0, 1, -1, 63, 64, -64, -65, 127, 128, 255, 256, math.MaxInt32, math.MinInt32, 1<<53 - 1, 1 << 53, -(1<<53 - 1), -(1 << 53),
	math.MaxInt64, math.MinInt64}
var floats = []float64{0, math.Copysign(0, -1), 1, 3, -2.5, 1e300, -1e-300, math.Inf(1), math.Inf(-1), math.NaN(), 17, 256, 0.1}
var zones = []*time.Location{time.UTC, time.FixedZone("", 0), time.FixedZone("", 3600), time.FixedZone("", -12600), time.FixedZone("", 17506)}

func (m maker) session() map[string]interface{} {
	values := map[string]interface{}{}
	for i := m.Intn(4); i >= 0; i-- {
		values[m.text()] = m.any(4)
	}
	return values
}

func (m maker) text() string {
	if m.Intn(2) == 0 {
		return texts[m.Intn(len(texts))]
	}
	out := make([]rune, m.Intn(8))
	for i := range out {
		out[i] = rune(32 + m.Intn(0x2fff))
	}
	return string(out)
}

func (m maker) any(depth int) interface{} {
	if m.Intn(12) == 0 {
		return nil
	}
	return m.like(samples[m.Intn(len(samples))], depth)
}

func (m maker) like(sample interface{}, depth int) interface{} {
	v := reflect.New(reflect.TypeOf(sample)).Elem()
	m.fill(v, depth, false)
	return v.Interface()
}

func (m maker) time() time.Time {
	return time.Unix(m.Int63n(8e9)-4e9, m.Int63n(1e9)).In(zones[m.Intn(len(zones))])
}

// opaque makes values of types that encode themselves.
func (m maker) opaque(v reflect.Value) bool {
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(m.time()))
	case big.Int:
		v.Set(reflect.ValueOf(*new(big.Int).Exp(big.NewInt(m.Int63()+2), big.NewInt(m.Int63n(5)+1), nil)))
	case big.Float:
		v.Set(reflect.ValueOf(*big.NewFloat(m.NormFloat64())))
	case big.Rat:
		v.Set(reflect.ValueOf(*big.NewRat(m.Int63(), m.Int63n(99)+1)))
	case netip.Addr:
		v.Set(reflect.ValueOf(netip.AddrFrom4([4]byte{192, 0, 2, byte(m.Intn(256))})))
	case netip.Prefix:
		v.Set(reflect.ValueOf(netip.MustParsePrefix("10.0.0.0/8")))
	case url.URL:
		v.Set(reflect.ValueOf(url.URL{Scheme: "https", Host: "example.org", Path: "/" + m.text()}))
	case Opaque:
		v.Set(reflect.ValueOf(Opaque{[]byte(m.text())}))
	case Text:
		v.Set(reflect.ValueOf(Text{m.text()}))
	default:
		return false
	}
	return true
}

// fill sets a value. One that may be nil is, now and then, but not where gob refuses it: in a slice, a map or an interface.
func (m maker) fill(v reflect.Value, depth int, mayBeNil bool) {
	if m.opaque(v) {
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(m.Intn(2) == 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(m.int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		v.SetUint(uint64(m.int()))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(m.float())
	case reflect.Complex64, reflect.Complex128:
		v.SetComplex(complex(m.float(), m.float()))
	case reflect.String:
		v.SetString(m.text())
	case reflect.Struct:
		for i := 0; i < v.NumField(); i++ {
			m.fill(v.Field(i), depth-1, true)
		}
	case reflect.Array:
		for i := 0; i < v.Len(); i++ {
			m.fill(v.Index(i), depth-1, false)
		}
	default:
		if !mayBeNil || (depth > 0 && m.Intn(2) == 0) {
			m.reference(v, depth)
		}
	}
}

func (m maker) reference(v reflect.Value, depth int) {
	count := 0
	if depth > 0 {
		count = m.Intn(4)
	}
	switch v.Kind() {
	case reflect.Ptr:
		v.Set(reflect.New(v.Type().Elem()))
		m.fill(v.Elem(), depth-1, false)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), count, count))
		for i := 0; i < count; i++ {
			m.fill(v.Index(i), depth-1, false)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for i := 0; i < count; i++ {
			key, elem := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			m.key(key)
			m.fill(elem, depth-1, false)
			v.SetMapIndex(key, elem)
		}
	case reflect.Interface:
		m.held(v, depth)
	}
}

// key fills a key of a map. JavaScript takes 0 and -0, or two that are NaN, for one key.
func (m maker) key(v reflect.Value) {
	if v.Kind() == reflect.Float64 {
		v.SetFloat(float64(m.Intn(9)) + 0.5)
	} else {
		m.fill(v, 0, false)
	}
}

// held is what an interface may hold: a key of a map must be comparable, and a shape is one of two.
func (m maker) held(v reflect.Value, depth int) {
	switch {
	case v.NumMethod() > 0 && m.Intn(2) == 0:
		v.Set(reflect.ValueOf(Square{m.float()}))
	case v.NumMethod() > 0:
		v.Set(reflect.ValueOf(&Circle{m.float()}))
	case depth <= 0:
		v.Set(reflect.ValueOf([]interface{}{m.text(), int(m.int()), float64(m.Intn(9)) + 0.5, Point{1, int(m.int())}, true}[m.Intn(5)]))
	default:
		if held := m.any(depth - 1); held != nil {
			v.Set(reflect.ValueOf(held))
		}
	}
}

func (m maker) int() int64 {
	if m.Intn(2) == 0 {
		return ints[m.Intn(len(ints))]
	}
	return m.Int63() >> m.Intn(63) * int64(1-2*m.Intn(2))
}

func (m maker) float() float64 {
	if m.Intn(2) == 0 {
		return floats[m.Intn(len(floats))]
	}
	return float64(float32(m.NormFloat64()))
}
