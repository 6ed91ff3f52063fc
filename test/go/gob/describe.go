package main

import (
	"encoding"
	"encoding/base64"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"sort"
	"strconv"
	"time"
	"unicode/utf8"
)

// typed is a value with its Go type: {"go": "int64", "value": "42"}. Integers are decimal strings, a map is a list of pairs, a time has its
// parts, what encodes itself is in base64, a pointer has what it points to as "to", and a string that is no UTF-8 has its "bytes".
type typed map[string]interface{}

func describe(v reflect.Value) interface{} {
	if !v.IsValid() {
		return nil
	}
	if v.Kind() == reflect.Interface {
		return describe(v.Elem())
	}
	out := typed{"go": v.Type().String()}
	if data, ok := own(v, out); ok {
		out["value"] = data
		return out
	}
	if v.Kind() == reflect.Ptr {
		if v.IsNil() {
			return nil
		}
		out["to"] = describe(v.Elem())
		return out
	}
	out["value"] = plain(v, out)
	return out
}

// own is what encodes itself.
func own(v reflect.Value, out typed) (interface{}, bool) {
	if v.Kind() == reflect.Ptr && v.IsNil() {
		return nil, false
	}
	var data []byte
	var err error
	switch x := v.Interface().(type) {
	case time.Time:
		_, offset := x.Zone()
		return typed{"unix": fmt.Sprint(x.Unix()), "nano": x.Nanosecond(), "offset": offset, "utc": x.Location() == time.UTC}, true
	case *time.Time:
		return nil, false
	case gob.GobEncoder:
		data, err = x.GobEncode()
	case encoding.BinaryMarshaler:
		data, err = x.MarshalBinary()
	default:
		return nil, false
	}
	if err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(data), true
}

func plain(v reflect.Value, out typed) interface{} {
	switch v.Kind() {
	case reflect.Bool:
		return v.Bool()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return strconv.FormatUint(v.Uint(), 10)
	case reflect.Float32, reflect.Float64:
		return float(v.Float())
	case reflect.Complex64, reflect.Complex128:
		return []interface{}{float(real(v.Complex())), float(imag(v.Complex()))}
	case reflect.String:
		if !utf8.ValidString(v.String()) {
			out["bytes"] = []byte(v.String())
		}
		return v.String()
	case reflect.Map:
		return pairs(v)
	case reflect.Struct:
		fields := map[string]interface{}{}
		for i := 0; i < v.NumField(); i++ {
			fields[v.Type().Field(i).Name] = describe(v.Field(i))
		}
		return fields
	}
	if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 {
		return v.Bytes()
	}
	list := []interface{}{}
	for i := 0; i < v.Len(); i++ {
		list = append(list, describe(v.Index(i)))
	}
	return list
}

func pairs(v reflect.Value) interface{} {
	if v.IsNil() {
		return nil
	}
	list := [][2]interface{}{}
	for _, key := range v.MapKeys() {
		list = append(list, [2]interface{}{describe(key), describe(v.MapIndex(key))})
	}
	sort.Slice(list, func(i, j int) bool { return text(list[i]) < text(list[j]) })
	return list
}

// float is what JSON lacks as a string, and else a number.
func float(f float64) interface{} {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "+Inf"
	case math.IsInf(f, -1):
		return "-Inf"
	case f == 0 && math.Signbit(f):
		return "-0"
	}
	return f
}

func text(value interface{}) string {
	out, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(out)
}
