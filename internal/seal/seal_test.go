package seal_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"duban/internal/seal"
)

var day = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

func ring(t testing.TB, c seal.Cipher) (*seal.Ring, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys.yaml")
	r, err := seal.Create(path, c, day)
	require.NoError(t, err)
	return r, path
}

// person is what must not be seen.
type person struct{ Name, Mobile string }

var zhang = person{"张建国", "13800138000"}

func TestSealedPayloadsOpenAgain(t *testing.T) {
	for _, c := range []seal.Cipher{seal.AES256GCM, seal.SM4GCM} {
		t.Run(string(c), func(t *testing.T) {
			r, _ := ring(t, c)
			codec := seal.NewCodec(r)
			rapid.Check(t, func(t *rapid.T) {
				plain := &commonpb.Payload{
					Metadata: map[string][]byte{"encoding": rapid.SliceOf(rapid.Byte()).Draw(t, "encoding")}, Data: rapid.SliceOf(rapid.Byte()).Draw(t, "data"),
				}
				kept := proto.CloneOf(plain)
				sealed, err := codec.Encode([]*commonpb.Payload{plain, plain})
				require.NoError(t, err)
				require.NotEqual(t, sealed[0].Data, sealed[1].Data, "never the same nonce")
				opened, err := codec.Decode(sealed)
				require.NoError(t, err)
				for _, p := range append(opened, plain) {
					require.True(t, proto.Equal(kept, p))
				}
			})
		})
	}
}

func TestNothingShows(t *testing.T) {
	for _, c := range []seal.Cipher{seal.AES256GCM, seal.SM4GCM} {
		r, _ := ring(t, c)
		sealed, err := seal.Converter(seal.NewCodec(r)).ToPayload(zhang)
		require.NoError(t, err)
		text, err := proto.Marshal(sealed)
		require.NoError(t, err)
		for _, secret := range []string{zhang.Name, zhang.Mobile, "json/plain"} {
			require.NotContains(t, string(text), secret)
		}
		require.Equal(t, "binary/encrypted", string(sealed.Metadata["encoding"]))
		require.Equal(t, r.Active(), string(sealed.Metadata["encryption-key-id"]))
	}
}

func TestWhatWasNeverSealedIsReadAsItIs(t *testing.T) {
	r, _ := ring(t, seal.AES256GCM)
	plain, err := converter.GetDefaultDataConverter().ToPayload(zhang)
	require.NoError(t, err)
	var got person
	require.NoError(t, seal.Converter(seal.NewCodec(r)).FromPayload(plain, &got))
	require.Equal(t, zhang, got)
}

func TestChangedPayloadsAreRefused(t *testing.T) {
	r, path := ring(t, seal.AES256GCM)
	sm4, err := r.Add(seal.SM4GCM, day)
	require.NoError(t, err)
	other, err := r.Add(seal.AES256GCM, day)
	require.NoError(t, err)
	codec := seal.NewCodec(r)
	for name, change := range map[string]func(*commonpb.Payload){
		"a bit":          func(p *commonpb.Payload) { p.Data[len(p.Data)-1] ^= 1 },
		"the nonce":      func(p *commonpb.Payload) { p.Data[0] ^= 1 },
		"cut":            func(p *commonpb.Payload) { p.Data = p.Data[:5] },
		"another key":    func(p *commonpb.Payload) { p.Metadata["encryption-key-id"] = []byte(other.ID) },
		"another kind":   func(p *commonpb.Payload) { p.Metadata["encryption-key-id"] = []byte(sm4.ID) },
		"other cipher":   func(p *commonpb.Payload) { p.Metadata["encryption-cipher"] = []byte(seal.SM4GCM) },
		"without cipher": func(p *commonpb.Payload) { delete(p.Metadata, "encryption-cipher") },
	} {
		sealed, err := codec.Encode([]*commonpb.Payload{{Data: []byte("x")}})
		require.NoError(t, err)
		change(sealed[0])
		_, err = codec.Decode(sealed)
		require.ErrorIs(t, err, seal.ErrTampered, name)
	}
	// Under the same ID another key: the ID vouches for nothing by itself.
	sealed, err := codec.Encode([]*commonpb.Payload{{Data: []byte("x")}})
	require.NoError(t, err)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	// The same secret under another ID opens nothing either: the seal vouches for the ID.
	copied := strings.Replace(strings.SplitN(string(text), "keys:\n", 2)[1], r.Active(), "copy", 1)
	require.NoError(t, os.WriteFile(path, []byte(string(text)+copied[:strings.Index(copied, "secret: ")+len("secret: ")+44]+"\n"), 0o600))
	r, err = seal.Open(path)
	require.NoError(t, err)
	relabelled := proto.CloneOf(sealed[0])
	relabelled.Metadata["encryption-key-id"] = []byte("copy")
	_, err = seal.NewCodec(r).Decode([]*commonpb.Payload{relabelled})
	require.ErrorIs(t, err, seal.ErrTampered)

	first := strings.Split(string(text), "secret: ")[1]
	require.NoError(t, os.WriteFile(path, bytes.Replace(text, []byte(first[:44]), []byte(base64.StdEncoding.EncodeToString(make([]byte, 32))), 1), 0o600))
	r, err = seal.Open(path)
	require.NoError(t, err)
	_, err = seal.NewCodec(r).Decode(sealed)
	require.ErrorIs(t, err, seal.ErrTampered)
}

func TestRotation(t *testing.T) {
	r, path := ring(t, seal.AES256GCM)
	first := r.Active()
	old, err := seal.Converter(seal.NewCodec(r)).ToPayload(zhang)
	require.NoError(t, err)
	added, err := r.Add(seal.SM4GCM, day.AddDate(1, 0, 0))
	require.NoError(t, err)
	require.Equal(t, first, r.Active(), "a new key waits until all have it")
	require.ErrorIs(t, r.Activate("none"), seal.ErrUnknownKey)
	require.NoError(t, r.Activate(added.ID))

	r, err = seal.Open(path)
	require.NoError(t, err)
	require.Equal(t, []seal.Key{
		{ID: first, Cipher: seal.AES256GCM, Created: day}, {ID: added.ID, Cipher: seal.SM4GCM, Created: day.AddDate(1, 0, 0), Active: true},
	}, r.Keys())
	values := seal.Converter(seal.NewCodec(r))
	newer, err := values.ToPayload(zhang)
	require.NoError(t, err)
	require.Equal(t, added.ID, string(newer.Metadata["encryption-key-id"]))
	for _, p := range []*commonpb.Payload{old, newer} {
		var got person
		require.NoError(t, values.FromPayload(p, &got))
		require.Equal(t, zhang, got)
	}

	// The first key is lost.
	lost, _ := ring(t, seal.AES256GCM)
	err = seal.Converter(seal.NewCodec(lost)).FromPayload(old, &person{})
	require.ErrorIs(t, err, seal.ErrUnknownKey)
	require.ErrorContains(t, err, first)
	require.ErrorIs(t, lost.Require([]string{lost.Active(), first}), seal.ErrUnknownKey)
	require.NoError(t, r.Require([]string{first, added.ID}))
}

func TestKeyFile(t *testing.T) {
	r, path := ring(t, seal.AES256GCM)
	info, err := os.Stat(path)
	require.NoError(t, err)
	if runtime.GOOS != "windows" {
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
		require.NoError(t, os.Chmod(path, 0o640))
		_, err = seal.Open(path)
		require.ErrorIs(t, err, seal.ErrMode)
		require.ErrorContains(t, err, "chmod 600")
		require.NoError(t, os.Chmod(path, 0o600))
	}
	_, err = seal.Open(path + ".none")
	require.ErrorIs(t, err, seal.ErrNoFile)
	_, err = r.Add("rot13", day)
	require.ErrorIs(t, err, seal.ErrCipher)
	_, err = seal.Create(filepath.Join(path, "keys.yaml"), seal.AES256GCM, day)
	require.ErrorIs(t, err, seal.ErrWrite)

	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	secret := strings.TrimSpace(strings.Split(string(whole), "secret: ")[1])
	for name, text := range map[string]string{
		"empty":        "",
		"no YAML":      "keys: [",
		"unknown key":  string(whole) + "more: 1\n",
		"no such":      strings.Replace(string(whole), "active: ", "active: x", 1),
		"short secret": strings.Replace(string(whole), secret, secret[:8], 1),
		"cipher":       strings.Replace(string(whole), "aes-256-gcm", "des", 1),
		"no base64":    strings.Replace(string(whole), secret, "&"+secret, 1),
		"twice":        string(whole) + strings.SplitN(string(whole), "keys:\n", 2)[1],
	} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		_, err := seal.Open(path)
		require.ErrorIs(t, err, seal.ErrBroken, name)
		require.NotContains(t, err.Error(), secret[:8], name)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, left, 1, "no half-written file is left behind")
}

func TestHandlerOnlyOpens(t *testing.T) {
	r, _ := ring(t, seal.AES256GCM)
	codec := seal.NewCodec(r)
	sealed, err := seal.Converter(codec).ToPayloads(zhang)
	require.NoError(t, err)
	body, err := protojson.Marshal(sealed)
	require.NoError(t, err)
	ask := func(method, path, body string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		seal.Handler(codec).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body)))
		return w
	}
	w := ask(http.MethodPost, "/decode", string(body))
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	var answer struct{ Payloads []struct{ Data []byte } }
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &answer))
	require.JSONEq(t, `{"Name":"张建国","Mobile":"13800138000"}`, string(answer.Payloads[0].Data))

	require.Equal(t, http.StatusNotFound, ask(http.MethodPost, "/encode", string(body)).Code)
	require.Equal(t, http.StatusNotFound, ask(http.MethodPost, "/x/encode", string(body)).Code)
	require.Equal(t, http.StatusMethodNotAllowed, ask(http.MethodGet, "/decode", "").Code)
	require.Equal(t, http.StatusBadRequest, ask(http.MethodPost, "/decode", "{").Code)
	require.Equal(t, http.StatusBadRequest, ask(http.MethodPost, "/decode", strings.Repeat(" ", 17<<20)+string(body)).Code, "bounded")
	other, _ := ring(t, seal.AES256GCM)
	codec = seal.NewCodec(other)
	w = ask(http.MethodPost, "/decode", string(body))
	require.Equal(t, http.StatusBadRequest, w.Code)
	require.Contains(t, w.Body.String(), "缺少密钥")
}

// TestWorkflowWaitsForItsKey holds that a missing key is no end of a workflow.
func TestWorkflowWaitsForItsKey(t *testing.T) {
	r, _ := ring(t, seal.AES256GCM)
	other, _ := ring(t, seal.AES256GCM)
	sealed, err := seal.Converter(seal.NewCodec(r)).ToPayloads(zhang)
	require.NoError(t, err)
	values := seal.Converter(seal.NewCodec(other))
	require.ErrorIs(t, values.FromPayloads(sealed, &person{}), seal.ErrUnknownKey, "a client is told")
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	env.ExecuteWorkflow(func(ctx workflow.Context) error {
		inside := values.(converter.ContextAware).WithWorkflowContext(ctx)
		for _, read := range []func() error{
			func() error { return inside.FromPayloads(sealed, &person{}) },
			func() error { return inside.FromPayload(sealed.Payloads[0], &person{}) },
		} {
			if err := panics(read); !errors.Is(err, seal.ErrUnknownKey) {
				return errors.New("it went on")
			}
		}
		return nil
	})
	require.NoError(t, env.GetWorkflowError())
}

func panics(f func() error) (cause error) {
	defer func() { cause, _ = recover().(error) }()
	_ = f()
	return nil
}

func BenchmarkSeal(b *testing.B) {
	for _, c := range []seal.Cipher{seal.AES256GCM, seal.SM4GCM} {
		for _, size := range []int{200, 2000, 20000} {
			b.Run(fmt.Sprintf("%s/%d", c, size), func(b *testing.B) {
				r, _ := ring(b, c)
				codec := seal.NewCodec(r)
				plain := []*commonpb.Payload{{Metadata: map[string][]byte{"encoding": []byte("json/plain")}, Data: make([]byte, size)}}
				var sealed []*commonpb.Payload
				for b.Loop() {
					var err error
					if sealed, err = codec.Encode(plain); err != nil {
						b.Fatal(err)
					}
					if _, err := codec.Decode(sealed); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(proto.Size(sealed[0])-proto.Size(plain[0])), "more-B")
			})
		}
	}
}
