package seal

import (
	"net/http"

	"go.temporal.io/sdk/converter"
)

// maxDecode bounds what Handler reads at once, in bytes; the engine's pages ask for a page of a history at most.
const maxDecode = 16 << 20

// Handler opens payloads for Temporal's pages: POST of their JSON to …/decode, as those pages ask for it. It seals nothing.
// Whoever mounts it sees to who may read.
func Handler(c *Codec) http.Handler {
	next := converter.NewPayloadCodecHTTPHandler(c)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /decode", func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxDecode)
		next.ServeHTTP(w, r)
	})
	return mux
}
