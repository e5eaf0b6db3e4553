package tasklist

import (
	"strconv"
	"time"
)

// Choices are what the office says of a list besides the sheet itself.
type Choices struct {
	Sheet    string         `json:"sheet,omitempty"`    // which sheet of the workbook; "": the first one with a list
	Columns  map[int]Field  `json:"columns,omitempty"`  // mapped by hand
	Answers  map[int]Answer `json:"answers,omitempty"`  // by row
	Withdraw []string       `json:"withdraw,omitempty"` // measures of the list's year that are withdrawn, by code
}

// ImportStatus is where an import stands.
type ImportStatus string

// The states of an import.
const (
	Received ImportStatus = "received" // read and shown; nothing of the plan has changed
	Applied  ImportStatus = "applied"
)

// Import is one list that was brought, by its file. The same file for the same year is one import.
type Import struct {
	ID     string
	Plan   string
	Year   int
	Name   string // of the file
	Digest string // SHA-256 of the file, hexadecimal
	Size   int64
	By     string // name
	Login  string
	At     time.Time

	Status                               ImportStatus
	Choices                              Choices   // as applied
	Reason                               string    // of the change
	Applied                              time.Time // the last time
	AppliedBy                            string
	Version                              int // of the definition that holds since
	Created, Updated, Unchanged, Skipped int // rows
}

// ImportID names an import: what is brought again is found again.
func ImportID(year int, digest string) string {
	return strconv.Itoa(year) + "-" + digest[:min(len(digest), 16)]
}
