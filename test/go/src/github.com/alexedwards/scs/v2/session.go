// Package scs stands in for github.com/alexedwards/scs/v2, which no package of Debian has: it sends the statements, writes the payloads and
// answers with the cookies that SCS does, and has as much of its interface as the tests and examples/go-and-node need.
package scs

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/gob"
	"net/http"
	"time"
)

const remember = "__rememberMe"

// payload is what SCS encodes.
type payload struct {
	Deadline time.Time
	Values   map[string]interface{}
}

// Store is what a store of SCS is.
type Store interface {
	Find(token string) ([]byte, bool, error)
	Commit(token string, data []byte, expiry time.Time) error
	Delete(token string) error
}

// Settings are those of SCS that have to do with a login that is shared.
type Settings struct {
	Hash     bool
	Lifetime time.Duration
	Idle     time.Duration
	Persist  bool
}

type status int

const (
	unmodified status = iota
	modified
	destroyed
)

// Session is one in a request.
type Session struct {
	Values   map[string]interface{}
	store    Store
	settings Settings
	token    string
	deadline time.Time
	status   status
}

// Load reads the session of a token, or begins one.
func Load(s Store, settings Settings, token string) (*Session, error) {
	fresh := &Session{store: s, settings: settings, deadline: time.Now().Add(settings.Lifetime).UTC(), Values: map[string]interface{}{}}
	if token == "" {
		return fresh, nil
	}
	data, found, err := s.Find(fresh.key(token))
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
	fresh.token, fresh.deadline, fresh.Values = token, decoded.Deadline, decoded.Values
	if fresh.Values == nil {
		fresh.Values = map[string]interface{}{}
	}
	if settings.Idle > 0 {
		fresh.status = modified
	}
	return fresh, nil
}

func (s *Session) key(token string) string {
	if !s.settings.Hash {
		return token
	}
	hash := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(hash[:])
}

// Put, Remove, Remember, Renew and Destroy do what the methods of SCS do that have these names, or nearly so.
func (s *Session) Put(key string, value interface{}) {
	s.Values[key], s.status = value, modified
}

func (s *Session) Remove(key string) {
	if _, found := s.Values[key]; found {
		delete(s.Values, key)
		s.status = modified
	}
}

func (s *Session) Remember(yes bool) {
	s.Put(remember, yes)
}

func (s *Session) Renew() error {
	if s.token != "" {
		if err := s.store.Delete(s.key(s.token)); err != nil {
			return err
		}
	}
	s.token, s.deadline, s.status = newToken(), time.Now().Add(s.settings.Lifetime).UTC(), modified
	return nil
}

func (s *Session) Destroy() error {
	s.status, s.Values = destroyed, map[string]interface{}{}
	if s.token == "" {
		return nil
	}
	err := s.store.Delete(s.key(s.token))
	s.token = ""
	return err
}

// Commit saves it. The cookie is nil when none is to be sent.
func (s *Session) Commit() (*http.Cookie, error) {
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
	}{s.deadline, s.Values}
	if err := gob.NewEncoder(&data).Encode(&coded); err != nil {
		return nil, err
	}
	expiry := s.deadline
	if s.settings.Idle > 0 {
		if idle := time.Now().Add(s.settings.Idle).UTC(); idle.Before(expiry) {
			expiry = idle
		}
	}
	return s.cookie(s.token, expiry), s.store.Commit(s.key(s.token), data.Bytes(), expiry)
}

func (s *Session) cookie(token string, expiry time.Time) *http.Cookie {
	cookie := &http.Cookie{Name: "session", Value: token, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if expiry.IsZero() {
		cookie.Expires, cookie.MaxAge = time.Unix(1, 0), -1
	} else if s.settings.Persist || s.Values[remember] == true {
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
