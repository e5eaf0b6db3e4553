package obligation

import "time"

// File is a document as people download it. Once kept it is never made again, so that everybody gets the same bytes
// whatever becomes of wording, settings or program.
type File struct {
	Obligation ID        `json:"obligation"`
	Name       string    `json:"name"`   // within the obligation, with the format's ending: "letter.docx"
	Title      string    `json:"title"`  // of the document
	Digest     string    `json:"digest"` // SHA-256 in hexadecimal
	Made       time.Time `json:"made"`
	Content    []byte    `json:"-"`
}
