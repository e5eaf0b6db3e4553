package devserver

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/temporalio/ui-server/v2/server/version"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
)

// newGateway translates the JSON that the pages speak into calls of the server. The ui-server's own gateway is built anew
// for every request and wants a connection of its own; this one calls through the connection that duban has anyway, with
// whatever that shows the server: token, key or certificate. Nothing of it reaches the browser, and nothing that a browser
// sends in its place reaches the server.
func newGateway(workflows workflowservice.WorkflowServiceClient, operator operatorservice.OperatorServiceClient) (http.Handler, error) {
	mux := runtime.NewServeMux(
		runtime.WithMarshalerOption(runtime.MIMEWildcard, protoJSON{}),
		runtime.WithIncomingHeaderMatcher(func(string) (string, bool) { return "", false }),
		runtime.WithOutgoingHeaderMatcher(func(string) (string, bool) { return "", false }),
		runtime.WithMetadata(fromPages),
		runtime.WithUnescapingMode(runtime.UnescapingModeAllExceptReserved),
		runtime.WithErrorHandler(answerError),
		runtime.WithDisableHTTPMethodOverride(),
	)
	ctx := context.Background() // bounds nothing but streams, which there are none of
	if err := workflowservice.RegisterWorkflowServiceHandlerClient(ctx, mux, workflows); err != nil {
		return nil, err
	}
	if err := operatorservice.RegisterOperatorServiceHandlerClient(ctx, mux, operator); err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.Clone(r.Context())
		r.Header.Del("Authorization") // the gateway would hand it on whatever the matcher says
		mux.ServeHTTP(w, r)
	}), nil
}

// fromPages says who calls, so that the server counts it as people looking on and not as the program.
func fromPages(_ context.Context, r *http.Request) metadata.MD {
	md := metadata.Pairs("client-name", "temporal-ui", "client-version", version.UIVersion)
	if kind := r.Header.Get("Caller-Type"); kind != "" {
		md.Set("caller-type", kind)
	}
	return md
}

// answerError writes the server's error with its details, as the pages expect it.
func answerError(_ context.Context, _ *runtime.ServeMux, m runtime.Marshaler, w http.ResponseWriter, _ *http.Request, err error) {
	s := serviceerror.ToStatus(err)
	body, marshalErr := m.Marshal(s.Proto())
	if marshalErr != nil {
		http.Error(w, "{}", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", m.ContentType(nil))
	w.WriteHeader(runtime.HTTPStatusFromCode(s.Code()))
	_, _ = w.Write(body)
}

// protoJSON is Temporal's JSON of messages, which the generic one of the gateway differs from in its enumerations.
type protoJSON struct{}

// ContentType implements runtime.Marshaler.
func (protoJSON) ContentType(any) string { return "application/json" }

// Marshal implements runtime.Marshaler.
func (protoJSON) Marshal(v any) ([]byte, error) {
	if m, ok := v.(proto.Message); ok {
		return temporalproto.CustomJSONMarshalOptions{}.Marshal(m)
	}
	return json.Marshal(v)
}

// Unmarshal implements runtime.Marshaler.
func (protoJSON) Unmarshal(data []byte, v any) error {
	if m, ok := v.(proto.Message); ok {
		return temporalproto.CustomJSONUnmarshalOptions{}.Unmarshal(data, m)
	}
	return json.Unmarshal(data, v)
}

// NewDecoder implements runtime.Marshaler.
func (p protoJSON) NewDecoder(r io.Reader) runtime.Decoder {
	d := json.NewDecoder(r)
	return runtime.DecoderFunc(func(v any) error {
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return err
		}
		return p.Unmarshal(raw, v)
	})
}

// NewEncoder implements runtime.Marshaler.
func (p protoJSON) NewEncoder(w io.Writer) runtime.Encoder {
	return runtime.EncoderFunc(func(v any) error {
		data, err := p.Marshal(v)
		if err != nil {
			return err
		}
		_, err = w.Write(data)
		return err
	})
}

// readOnly refuses what could change something: all but reading, and queries of a workflow, which are posted. It compares
// the very path that the gateway takes apart, since a name with an escaped slash could look like a query otherwise.
func readOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodGet, http.MethodHead, http.MethodOptions:
		case http.MethodPost:
			path := r.URL.RawPath
			if path == "" {
				path = r.URL.Path
			}
			if !isQuery(path) {
				w.WriteHeader(http.StatusMethodNotAllowed)
				return
			}
		default:
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// isQuery reports whether a path is /api/v1/namespaces/…/workflows/…/query/….
func isQuery(path string) bool {
	parts := strings.Split(path, "/")
	return len(parts) == 9 && parts[0] == "" && parts[1] == "api" && parts[2] == "v1" && parts[3] == "namespaces" &&
		parts[5] == "workflows" && parts[7] == "query"
}
