package main

import (
	"database/sql"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/alexedwards/scs/postgresstore"
	"github.com/alexedwards/scs/v2"
	_ "github.com/lib/pq"
)

func main() {
	db, err := sql.Open("postgres", os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	sessions := scs.New()
	sessions.Store = postgresstore.New(db)
	sessions.Lifetime = 24 * time.Hour
	sessions.HashTokenInStore = true

	mux := http.NewServeMux()
	mux.HandleFunc("/login", func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			http.Error(w, "POST only", http.StatusMethodNotAllowed)
			return
		}
		if err := sessions.RenewToken(r.Context()); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		user := r.FormValue("user")
		sessions.Put(r.Context(), "user", user)
		sessions.Put(r.Context(), "visits", 0)
		fmt.Fprintf(w, "welcome, %s\n", user)
	})
	mux.HandleFunc("/me", func(w http.ResponseWriter, r *http.Request) {
		user := sessions.GetString(r.Context(), "user")
		if user == "" {
			fmt.Fprintln(w, "Go does not know you")
			return
		}
		visits := sessions.GetInt(r.Context(), "visits") + 1
		sessions.Put(r.Context(), "visits", visits)
		fmt.Fprintf(w, "Go knows %s, visits: %d\n", user, visits)
	})
	mux.HandleFunc("/logout", func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			http.Error(w, "POST only", http.StatusMethodNotAllowed)
			return
		}
		if err := sessions.Destroy(r.Context()); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprintln(w, "goodbye")
	})
	log.Fatal(http.ListenAndServe("localhost:"+port(), sessions.LoadAndSave(mux)))
}

func port() string {
	if port := os.Getenv("PORT"); port != "" {
		return port
	}
	return "4001"
}
