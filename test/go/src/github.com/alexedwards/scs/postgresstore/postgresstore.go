// Package postgresstore stands in for the one of SCS.
package postgresstore

import (
	"database/sql"
	"stores"

	"github.com/alexedwards/scs/v2"
)

func New(database *sql.DB) scs.Store {
	return stores.SQL("postgres", database)
}
