// Package stores has the statements and commands of the stores of SCS.
package stores

import (
	"database/sql"
	"fmt"
	"time"

	"github.com/alexedwards/scs/v2"
	_ "github.com/go-sql-driver/mysql"
	"github.com/gomodule/redigo/redis"
	_ "github.com/lib/pq"
	_ "github.com/mattn/go-sqlite3"
)

// The statements of SCS's postgresstore, mysqlstore and sqlite3store.
var dialects = map[string]sqlStore{
	"postgres": {
		selects: "SELECT data FROM sessions WHERE token = $1 AND current_timestamp < expiry",
		upserts: "INSERT INTO sessions (token, data, expiry) VALUES ($1, $2, $3) ON CONFLICT (token) DO UPDATE SET data = EXCLUDED.data, expiry = EXCLUDED.expiry",
		deletes: "DELETE FROM sessions WHERE token = $1",
		expiry:  func(at time.Time) interface{} { return at },
	},
	"mysql": {
		selects: "SELECT data FROM sessions WHERE token = ? AND UTC_TIMESTAMP(6) < expiry",
		upserts: "INSERT INTO sessions (token, data, expiry) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE data = VALUES(data), expiry = VALUES(expiry)",
		deletes: "DELETE FROM sessions WHERE token = ?",
		expiry:  func(at time.Time) interface{} { return at.UTC() },
	},
	"sqlite3": {
		selects: "SELECT data FROM sessions WHERE token = $1 AND julianday('now') < expiry",
		upserts: "REPLACE INTO sessions (token, data, expiry) VALUES ($1, $2, julianday($3))",
		deletes: "DELETE FROM sessions WHERE token = $1",
		expiry:  func(at time.Time) interface{} { return at.UTC().Format("2006-01-02T15:04:05.999") },
	},
}

// Open opens redis, or a database by the name of its driver.
func Open(name, address string) (scs.Store, error) {
	if name == "redis" {
		return &redisStore{&redis.Pool{MaxIdle: 2, Dial: func() (redis.Conn, error) { return redis.Dial("tcp", address) }}}, nil
	}
	if _, known := dialects[name]; !known {
		return nil, fmt.Errorf("no such store: %s", name)
	}
	database, err := sql.Open(name, address)
	return SQL(name, database), err
}

// SQL is the store in a database, by the name of its driver.
func SQL(name string, database *sql.DB) scs.Store {
	dialect := dialects[name]
	dialect.database = database
	return &dialect
}

type sqlStore struct {
	database                  *sql.DB
	selects, upserts, deletes string
	expiry                    func(at time.Time) interface{}
}

func (s *sqlStore) Find(token string) (data []byte, found bool, err error) {
	err = s.database.QueryRow(s.selects, token).Scan(&data)
	if err == sql.ErrNoRows {
		return nil, false, nil
	}
	return data, err == nil, err
}

func (s *sqlStore) Commit(token string, data []byte, expiry time.Time) error {
	_, err := s.database.Exec(s.upserts, token, data, s.expiry(expiry))
	return err
}

func (s *sqlStore) Delete(token string) error {
	_, err := s.database.Exec(s.deletes, token)
	return err
}

type redisStore struct{ pool *redis.Pool }

const prefix = "scs:session:"

func (s *redisStore) Find(token string) ([]byte, bool, error) {
	conn := s.pool.Get()
	defer conn.Close()
	data, err := redis.Bytes(conn.Do("GET", prefix+token))
	if err == redis.ErrNil {
		return nil, false, nil
	}
	return data, err == nil, err
}

func (s *redisStore) Commit(token string, data []byte, expiry time.Time) error {
	conn := s.pool.Get()
	defer conn.Close()
	if err := conn.Send("MULTI"); err != nil {
		return err
	}
	if err := conn.Send("SET", prefix+token, data); err != nil {
		return err
	}
	if err := conn.Send("PEXPIREAT", prefix+token, expiry.UnixNano()/int64(time.Millisecond)); err != nil {
		return err
	}
	_, err := conn.Do("EXEC")
	return err
}

func (s *redisStore) Delete(token string) error {
	conn := s.pool.Get()
	defer conn.Close()
	_, err := conn.Do("DEL", prefix+token)
	return err
}
