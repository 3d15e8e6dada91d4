package store

import (
	"database/sql"
)

// Query leaves a statement open, as a reader in the middle of its work does.
func (d *DB) Query() (*sql.Rows, error) {
	rows, err := d.sql.Query("SELECT path FROM ValidPaths")
	if err == nil {
		rows.Next()
	}
	return rows, err
}
