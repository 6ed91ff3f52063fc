package scs

import (
	"context"
	"net/http"
	"time"
)

// SessionManager is that of SCS, as far as examples/go-and-node uses it.
type SessionManager struct {
	Store            Store
	Lifetime         time.Duration
	HashTokenInStore bool
}

func New() *SessionManager {
	return &SessionManager{Lifetime: 24 * time.Hour}
}

type key struct{}

func of(ctx context.Context) *Session {
	return ctx.Value(key{}).(*Session)
}

// LoadAndSave loads the session of each request, and saves it before the first byte of the reply.
func (m *SessionManager) LoadAndSave(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := ""
		if cookie, err := r.Cookie("session"); err == nil {
			token = cookie.Value
		}
		s, err := Load(m.Store, Settings{Hash: m.HashTokenInStore, Lifetime: m.Lifetime, Persist: true}, token)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		saving := &saver{ResponseWriter: w, session: s}
		next.ServeHTTP(saving, r.WithContext(context.WithValue(r.Context(), key{}, s)))
		saving.save()
	})
}

type saver struct {
	http.ResponseWriter
	session *Session
	done    bool
}

func (s *saver) Write(data []byte) (int, error) {
	s.save()
	return s.ResponseWriter.Write(data)
}

func (s *saver) save() {
	if s.done {
		return
	}
	s.done = true
	cookie, err := s.session.Commit()
	if err != nil {
		panic(err)
	}
	if cookie != nil {
		http.SetCookie(s.ResponseWriter, cookie)
	}
}

func (m *SessionManager) Put(ctx context.Context, name string, value interface{}) {
	of(ctx).Put(name, value)
}

func (m *SessionManager) GetString(ctx context.Context, name string) string {
	value, _ := of(ctx).Values[name].(string)
	return value
}

func (m *SessionManager) GetInt(ctx context.Context, name string) int {
	value, _ := of(ctx).Values[name].(int)
	return value
}

func (m *SessionManager) RenewToken(ctx context.Context) error {
	return of(ctx).Renew()
}

func (m *SessionManager) Destroy(ctx context.Context) error {
	return of(ctx).Destroy()
}
