package main

import (
	"encoding/base64"
	"encoding/gob"
	"fmt"
	"strconv"
	"time"
)

// result is a value with its Go type.
type result struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

func init() {
	gob.Register(time.Time{})
	gob.Register(map[string]interface{}{})
	gob.Register([]interface{}{})
}

func resultOf(value interface{}) result {
	switch v := value.(type) {
	case []byte:
		return result{"[]uint8", base64.StdEncoding.EncodeToString(v)}
	case time.Time:
		return result{"time.Time", v.Format(time.RFC3339Nano)}
	case float64:
		return result{"float64", strconv.FormatFloat(v, 'g', -1, 64)}
	}
	return result{fmt.Sprintf("%T", value), fmt.Sprintf("%v", value)}
}

func parse(kind, text string) (interface{}, error) {
	switch kind {
	case "string":
		return text, nil
	case "bool":
		return strconv.ParseBool(text)
	case "int":
		return strconv.Atoi(text)
	case "int64":
		return strconv.ParseInt(text, 10, 64)
	case "float64":
		return strconv.ParseFloat(text, 64)
	case "[]uint8":
		return base64.StdEncoding.DecodeString(text)
	case "time.Time":
		return time.Parse(time.RFC3339Nano, text)
	}
	return nil, fmt.Errorf("no such type: %s", kind)
}
