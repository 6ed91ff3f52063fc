// A service with the sessions of SCS, for the tests: it sends the statements, writes the payloads and answers with the cookies that
// github.com/alexedwards/scs has. Each line of input is a request, each line of output its reply.
package main

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os"
	"time"
)

type settings struct {
	Store    string
	Address  string
	Hash     bool
	Lifetime time.Duration
	Idle     time.Duration
	Persist  bool
}

type step struct {
	Op    string
	Key   string
	Type  string
	Value string
}

type request struct {
	Settings settings
	Token    string
	Steps    []step
}

type reply struct {
	Cookie  string            `json:"cookie,omitempty"`
	Results []result          `json:"results"`
	Values  map[string]result `json:"values"`
	Error   string            `json:"error,omitempty"`
}

var stores = map[settings]store{}

func storeOf(s settings) (store, error) {
	key := settings{Store: s.Store, Address: s.Address}
	if stores[key] == nil {
		opened, err := open(s.Store, s.Address)
		if err != nil {
			return nil, err
		}
		stores[key] = opened
	}
	return stores[key], nil
}

func answer(line []byte) (answered reply) {
	var r request
	if err := json.Unmarshal(line, &r); err != nil {
		return reply{Error: err.Error()}
	}
	s, err := storeOf(r.Settings)
	if err != nil {
		return reply{Error: err.Error()}
	}
	session, err := load(s, r.Settings, r.Token)
	for _, each := range r.Steps {
		if err != nil {
			break
		}
		var made result
		made, err = session.do(each)
		answered.Results = append(answered.Results, made)
	}
	var cookie *http.Cookie
	if err == nil {
		cookie, err = session.commit()
	}
	if err != nil {
		return reply{Error: err.Error()}
	}
	if cookie != nil {
		answered.Cookie = cookie.String()
	}
	answered.Values = map[string]result{}
	for key, value := range session.values {
		answered.Values[key] = resultOf(value)
	}
	return answered
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<24)
	out := json.NewEncoder(os.Stdout)
	for in.Scan() {
		if err := out.Encode(answer(in.Bytes())); err != nil {
			panic(err)
		}
	}
}
