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
	d.Letters, d.Files = i.letters, i.store
	if office := letter.FindLibreOffice(); office != nil {
		d.PDF = office.PDF
	}
}
