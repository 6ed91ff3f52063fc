// A service with the sessions of SCS, for the tests. Each line of input is a request, each line of output its reply.
package main

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os"
	"stores"

	"github.com/alexedwards/scs/v2"
)

type place struct {
	Store   string
	Address string
}

type settings struct {
	place
	scs.Settings
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

var opened = map[place]scs.Store{}

func storeAt(at place) (scs.Store, error) {
	if opened[at] == nil {
		store, err := stores.Open(at.Store, at.Address)
		if err != nil {
			return nil, err
		}
		opened[at] = store
	}
	return opened[at], nil
}

func answer(line []byte) (answered reply) {
	var r request
	if err := json.Unmarshal(line, &r); err != nil {
		return reply{Error: err.Error()}
	}
	s, err := storeAt(r.Settings.place)
	if err != nil {
		return reply{Error: err.Error()}
	}
	session, err := scs.Load(s, r.Settings.Settings, r.Token)
	for _, each := range r.Steps {
		if err != nil {
			break
		}
		var made result
		made, err = do(session, each)
		answered.Results = append(answered.Results, made)
	}
	var cookie *http.Cookie
	if err == nil {
		cookie, err = session.Commit()
	}
	if err != nil {
		return reply{Error: err.Error()}
	}
	if cookie != nil {
		answered.Cookie = cookie.String()
	}
	answered.Values = map[string]result{}
	for key, value := range session.Values {
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
