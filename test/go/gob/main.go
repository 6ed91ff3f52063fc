// A judge for the tests of GobCodec: Go's own encoding/gob, in the shape that SCS gives a session. It answers each line with a line of JSON.
//
//	echo BASE64   decodes a payload, says what Go sees in it, and encodes it again
//	random SEED   makes a payload at random
//	fixed         makes the payload of a session that is always the same
//	type N SEED   makes a payload with one value of the type samples[N]; without such a type there is an error
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/gob"
	"fmt"
	"math"
	"math/rand"
	"os"
	"reflect"
	"time"
)

type session = struct {
	Deadline time.Time
	Values   map[string]interface{}
}

type answer struct {
	Payload  string                 `json:"payload,omitempty"`
	Deadline interface{}            `json:"deadline,omitempty"`
	Values   map[string]interface{} `json:"values,omitempty"`
	Error    string                 `json:"error,omitempty"`
}

func decode(payload string) (aux session, err error) {
	data, err := base64.StdEncoding.DecodeString(payload)
	if err != nil {
		return aux, err
	}
	err = gob.NewDecoder(bytes.NewReader(data)).Decode(&aux)
	return aux, err
}

func say(aux session) answer {
	var out bytes.Buffer
	p := &aux
	if err := gob.NewEncoder(&out).Encode(&p); err != nil {
		return answer{Error: err.Error()}
	}
	payload := base64.StdEncoding.EncodeToString(out.Bytes())
	// What gob loses of a value is lost in what is said of it.
	aux, err := decode(payload)
	if err != nil {
		return answer{Error: err.Error()}
	}
	values := map[string]interface{}{}
	for key, value := range aux.Values {
		values[key] = describe(reflect.ValueOf(value))
	}
	return answer{Payload: payload, Deadline: describe(reflect.ValueOf(aux.Deadline)), Values: values}
}

// fixed has what JavaScript has no place for.
func fixed() session {
	zone := time.FixedZone("", 19800)
	return session{time.Date(2030, 1, 2, 5, 30, 0, 123456789, zone), map[string]interface{}{
		"visits": int64(41), "ratio": float64(3), "name": "Ada", "level": Level(2), "raw": "a\xff", "nan": math.NaN(),
		"user": User{ID: 7, Name: "Ada", Tags: []string{"a"}}, "seen": time.Date(2029, 12, 31, 0, 0, 0, 1, zone), "opaque": Opaque{[]byte{1}},
		"list": []interface{}{int8(1), "x", Point{1, 2}}, "blobs": map[string][]byte{"b": {1}}, "k\xff": uint8(1),
	}}
}

func run(line string) answer {
	var command, payload string
	var seed, number int64
	fmt.Sscan(line, &command)
	switch command {
	case "echo":
		fmt.Sscan(line, &command, &payload)
		aux, err := decode(payload)
		if err != nil {
			return answer{Error: err.Error()}
		}
		return say(aux)
	case "random":
		fmt.Sscan(line, &command, &seed)
		m := maker{rand.New(rand.NewSource(seed))}
		return say(session{m.time(), m.session()})
	case "fixed":
		return say(fixed())
	case "type":
		fmt.Sscan(line, &command, &number, &seed)
		if number >= int64(len(samples)) {
			return answer{Error: "no such type"}
		}
		m := maker{rand.New(rand.NewSource(seed))}
		return say(session{m.time().UTC(), map[string]interface{}{"value": m.like(samples[number], 4)}})
	}
	return answer{Error: "no such command"}
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		fmt.Println(text(run(lines.Text())))
	}
}
