package main

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/gob"
	"fmt"
	"net/http"
	"time"
)

const remember = "__rememberMe"

// payload is what SCS encodes.
type payload struct {
	Deadline time.Time
	Values   map[string]interface{}
}

type status int

const (
	unmodified status = iota
	modified
	destroyed
)

type session struct {
	store    store
	settings settings
	token    string
	deadline time.Time
	values   map[string]interface{}
	status   status
}

func load(s store, settings settings, token string) (*session, error) {
	fresh := &session{store: s, settings: settings, deadline: time.Now().Add(settings.Lifetime).UTC(), values: map[string]interface{}{}}
	if token == "" {
		return fresh, nil
	}
	data, found, err := s.find(fresh.key(token))
	if err != nil || !found {
		return fresh, err
	}
	var decoded struct {
		Deadline time.Time
		Values   map[string]interface{}
	}
	if err := gob.NewDecoder(bytes.NewReader(data)).Decode(&decoded); err != nil {
		return nil, err
	}
	fresh.token, fresh.deadline, fresh.values = token, decoded.Deadline, decoded.Values
	if fresh.values == nil {
		fresh.values = map[string]interface{}{}
	}
	if settings.Idle > 0 {
		fresh.status = modified
	}
	return fresh, nil
}

func (s *session) key(token string) string {
	if !s.settings.Hash {
		return token
	}
	hash := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(hash[:])
}

func (s *session) do(each step) (result, error) {
	switch each.Op {
	case "get":
		return resultOf(s.values[each.Key]), nil
	case "put":
		value, err := parse(each.Type, each.Value)
		s.values[each.Key], s.status = value, modified
		return result{}, err
	case "pop":
		value, found := s.values[each.Key]
		if found {
			delete(s.values, each.Key)
			s.status = modified
		}
		return resultOf(value), nil
	case "remove":
		if _, found := s.values[each.Key]; found {
			delete(s.values, each.Key)
			s.status = modified
		}
		return result{}, nil
	case "remember":
		s.values[remember], s.status = each.Value == "true", modified
		return result{}, nil
	case "renew":
		if s.token != "" {
			if err := s.store.delete(s.key(s.token)); err != nil {
				return result{}, err
			}
		}
		s.token, s.deadline, s.status = newToken(), time.Now().Add(s.settings.Lifetime).UTC(), modified
		return result{}, nil
	case "destroy":
		s.status, s.values = destroyed, map[string]interface{}{}
		if s.token == "" {
			return result{}, nil
		}
		err := s.store.delete(s.key(s.token))
		s.token = ""
		return result{}, err
	case "sleep":
		pause, err := time.ParseDuration(each.Value)
		time.Sleep(pause)
		return result{}, err
	}
	return result{}, fmt.Errorf("no such step: %s", each.Op)
}

func (s *session) commit() (*http.Cookie, error) {
	switch s.status {
	case unmodified:
		return nil, nil
	case destroyed:
		return s.cookie("", time.Time{}), nil
	}
	if s.token == "" {
		s.token = newToken()
	}
	var data bytes.Buffer
	coded := struct {
		Deadline time.Time
		Values   map[string]interface{}
	}{s.deadline, s.values}
	if err := gob.NewEncoder(&data).Encode(&coded); err != nil {
		return nil, err
	}
	expiry := s.deadline
	if s.settings.Idle > 0 {
		if idle := time.Now().Add(s.settings.Idle).UTC(); idle.Before(expiry) {
			expiry = idle
		}
	}
	return s.cookie(s.token, expiry), s.store.commit(s.key(s.token), data.Bytes(), expiry)
}

func (s *session) cookie(token string, expiry time.Time) *http.Cookie {
	cookie := &http.Cookie{Name: "session", Value: token, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if expiry.IsZero() {
		cookie.Expires, cookie.MaxAge = time.Unix(1, 0), -1
	} else if s.settings.Persist || s.values[remember] == true {
		cookie.Expires = time.Unix(expiry.Unix()+1, 0)
		cookie.MaxAge = int(time.Until(expiry).Seconds() + 1)
	}
	return cookie
}

func newToken() string {
	random := make([]byte, 32)
	if _, err := rand.Read(random); err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(random)
}
