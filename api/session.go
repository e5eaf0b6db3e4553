package api

import (
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
)

// SessionFailed answers a request whose session can't be read or kept: the database can't be asked.
func SessionFailed(log *slog.Logger) func(http.ResponseWriter, *http.Request, error) {
	return func(w http.ResponseWriter, r *http.Request, err error) {
		log.ErrorContext(r.Context(), "session", "error", err)
		p := newProblem(CodeDatabase)
		maps.Copy(w.Header(), p.GetHeaders())
		w.Header().Set("Content-Type", p.ContentType(""))
		w.WriteHeader(p.Status)
		body, _ := json.Marshal(p) // a struct of strings and numbers always marshals
		_, _ = w.Write(body)
	}
}
