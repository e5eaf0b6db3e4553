package main

import (
	"context"
	"path/filepath"

	"duban/api"
	"duban/internal/letter"
)

// openLetters reads the templates of documents. What is wrong with them is told now, and not to whoever signs off.
func (i *installation) openLetters(context.Context) error {
	t, err := letter.LoadTemplates(filepath.Join(i.cfg.Data.Folder, "templates"))
	if err != nil {
		return err
	}
	l := i.cfg.Letters
	i.letters = letter.NewWriter(t, letter.Office{Contact: l.Contact, Phone: l.Phone, Exercise: i.clock.Scaled()})
	return nil
}

// withLetters lets the API give out documents, as PDF too where LibreOffice is installed.
func (i *installation) withLetters(d *api.Deps) {
	d.Letters, d.Files, d.Read, d.Typeset = i.letters, i.store, readLetter, letter.RenderReport
	if office := letter.FindLibreOffice(); office != nil {
		d.PDF = office.PDF
	}
}

// readLetter returns what a document's file says.
func readLetter(docx []byte) ([]api.SheetBlock, error) {
	blocks, err := letter.Read(docx)
	out := make([]api.SheetBlock, len(blocks))
	for i, b := range blocks {
		out[i] = api.SheetBlock{Style: string(b.Style), Rows: b.Rows}
		for _, p := range b.Pieces {
			out[i].Pieces = append(out[i].Pieces, api.SheetPiece(p))
		}
	}
	return out, err
}
