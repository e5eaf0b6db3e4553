package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"duban/account"
	"duban/obligation"
)

// Dossiers make the complete file of an obligation: ledger, documents, notices, evidence and Temporal's history as a zip that
// can be proved intact without this installation. An obligation that does not exist is CodeNotFound.
type Dossiers interface {
	Export(ctx context.Context, id obligation.ID) (DossierFile, error)
}

// DossierFile is an exported file. Whoever gets it closes it.
type DossierFile struct {
	Content  io.ReadCloser
	Size     int64
	Manifest string // SHA-256 of the manifest, in hexadecimal
}

// dossierTimeout is for an answer that gathers everything there is.
const dossierTimeout = 5 * time.Minute

const mediaZip = "application/zip"

func (s *server) registerDossiers() {
	register(s, operation{
		id: "export-dossier", method: http.MethodGet, path: "/obligations/{plan}/{measure}/{unit}/{period}/dossier", tag: tagObligations,
		limit: dossierTimeout, codes: []Code{Code(obligation.CodeNotFound), CodeEngine},
		content: map[string]*huma.MediaType{mediaZip: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
	}, s.exportDossier)
}

func (s *server) exportDossier(ctx context.Context, in *ObligationPath) (*huma.StreamResponse, error) {
	f, err := s.Dossiers.Export(ctx, in.id())
	if err != nil {
		return nil, engine(err) // unless it is the database
	}
	err = s.Accounts.Note(ctx, caller(ctx), account.DossierExported, in.id().String(), f.Manifest, remote(ctx))
	if err != nil {
		return nil, errors.Join(err, f.Content.Close())
	}
	name := in.Measure + " " + in.Unit + " " + in.Period
	return &huma.StreamResponse{Body: func(c huma.Context) {
		defer f.Content.Close()
		c.SetHeader("Content-Type", mediaZip)
		c.SetHeader("Content-Disposition", disposition("dossier.zip", textDossierFile+" "+name+".zip"))
		c.SetHeader("Content-Length", strconv.FormatInt(f.Size, 10))
		c.SetHeader("X-Duban-Manifest-SHA256", f.Manifest)
		if _, err := io.Copy(c.BodyWriter(), f.Content); err != nil {
			s.Log.WarnContext(ctx, "dossier broken off", "request", requestID(ctx), "error", err)
		}
	}}, nil
}
