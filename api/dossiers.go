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
// can be proved intact without this installation. An obligation that does not exist is CodeNotFound; evidence that is missing,
// or is not what the ledger says, is ErrContentLost. Without evidence its hashes alone are in the file.
type Dossiers interface {
	Export(ctx context.Context, id obligation.ID, evidence bool) (DossierFile, error)
}

// ErrContentLost is Dossiers' error where a piece of evidence can't be put in.
var ErrContentLost = errors.New("the content of a piece of evidence is missing or changed")

// DossierInput addresses an obligation whose dossier is exported.
type DossierInput struct {
	ObligationPath
	Evidence bool `query:"evidence" default:"true" doc:"是否放入佐证材料的文件；false 则只有其清单和哈希，文件小得多"`

	streamed
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
		limit: dossierTimeout, codes: []Code{Code(obligation.CodeNotFound), CodeEngine, CodeContentLost},
		content: map[string]*huma.MediaType{mediaZip: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
	}, s.exportDossier)
}

func (s *server) exportDossier(ctx context.Context, in *DossierInput) (*huma.StreamResponse, error) {
	f, err := s.Dossiers.Export(ctx, in.id(), in.Evidence)
	switch {
	case errors.Is(err, ErrContentLost):
		s.Log.ErrorContext(ctx, "dossier", "request", requestID(ctx), "obligation", in.id(), "error", err)
		return nil, newProblem(CodeContentLost)
	case err != nil:
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
		// However large it is, and however slow the client: only who stands still is cut off.
		w := &patient{c.BodyWriter(), in.connection(), answerTimeout}
		if _, err := io.CopyBuffer(w, struct{ io.Reader }{f.Content}, make([]byte, uploadPiece)); err != nil {
			s.Log.WarnContext(ctx, "dossier broken off", "request", requestID(ctx), "error", err)
		}
	}}, nil
}
