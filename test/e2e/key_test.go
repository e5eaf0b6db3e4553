package e2e

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/proxy"
	"google.golang.org/protobuf/encoding/protojson"

	"duban/internal/seal"
)

// keys opens the key ring of the process's data folder.
func (p *process) keys() *seal.Codec {
	p.t.Helper()
	ring, err := seal.Open(filepath.Join(p.folder, "keys.yaml"))
	require.NoError(p.t, err)
	return seal.NewCodec(ring)
}

// payloads calls f with all payloads of a history, and puts what it returns in their place.
func payloads(t *testing.T, h *historypb.History, f func([]*commonpb.Payload) ([]*commonpb.Payload, error)) {
	t.Helper()
	require.NoError(t, proxy.VisitPayloads(t.Context(), h, proxy.VisitPayloadsOptions{
		SkipSearchAttributes: true,
		Visitor: func(_ *proxy.VisitPayloadsContext, all []*commonpb.Payload) ([]*commonpb.Payload, error) {
			return f(all)
		},
	}))
}

// sealedBy returns the keys that sealed something in a history. Everything in it must be sealed.
func sealedBy(t *testing.T, h *historypb.History) []string {
	t.Helper()
	var ids []string
	payloads(t, h, func(all []*commonpb.Payload) ([]*commonpb.Payload, error) {
		for _, p := range all {
			require.Equal(t, "binary/encrypted", string(p.Metadata["encoding"]))
			ids = append(ids, string(p.Metadata["encryption-key-id"]))
		}
		return all, nil
	})
	slices.Sort(ids)
	return slices.Compact(ids)
}

func TestKeysAreRotated(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "keys.yaml")
	settings := append([]string{"--seed", "none"}, scaled("2025-03-24", 1.0/86400)...)
	p := serve(t, folder, settings...)
	key := func(args ...string) string {
		out, code := run(t, append([]string{"--set", "data.folder=" + folder, "key"}, args...)...)
		require.Zero(t, code, out)
		return out
	}
	first := strings.Fields(key("list"))[0]
	p.seedSmall("2025-03-24")
	p.awaitOpened("small", 62)
	const obligation, id = "/obligations/small/1.1/u01/1", "obligation/small/1.1/u01/1"
	p.act(obligation+"/sign", map[string]any{})
	require.Equal(t, []string{first}, sealedBy(t, p.history(id)))

	second := regexp.MustCompile(`\d{8}-\w{6}`).FindString(key("add", "--cipher", "sm4-gcm"))
	require.Contains(t, key("list"), second+"  sm4-gcm")
	key("activate", second)
	p.act(obligation+"/submit", map[string]any{"text": "总结已印发"})
	require.Equal(t, []string{first}, sealedBy(t, p.history(id)), "a running process goes on with what it began with")
	p.kill()

	p = serve(t, folder, settings...)
	p.act(obligation+"/return", map[string]any{"reason": "缺少附件"})
	want := []string{first, second}
	slices.Sort(want)
	require.Equal(t, want, sealedBy(t, p.history(id)))
	require.Contains(t, p.opens(p.history(id)), "总结已印发", "pages are shown what either key sealed")
	p.replay(map[string]string{"obligation": id, "plan": "plan/small"})
	p.stop()

	whole, err := os.ReadFile(file)
	require.NoError(t, err)
	refused := func(why string) {
		out, code := run(t, append([]string{"--set", "data.folder=" + folder, "--set", "listen.address=127.0.0.1:0", "--set", "engine.embedded.hostPort=127.0.0.1:0", "serve"}, settings...)...)
		require.Equal(t, 1, code, out)
		require.Contains(t, out, why)
	}
	entries := bytes.SplitN(whole, []byte("    - id: "), 3)
	require.Len(t, entries, 3)
	require.NoError(t, os.WriteFile(file, slices.Concat(entries[0], []byte("    - id: "), entries[2]), 0o600))
	refused("缺少密钥 \"" + first + "\"")
	require.NoError(t, os.WriteFile(file, whole, 0o600))
	require.NoError(t, os.Chmod(file, 0o644))
	refused("chmod 600")
	require.NoError(t, os.Remove(file))
	refused("找不到密钥文件")
	require.NoFileExists(t, file, "no other ring takes the place of the lost one")
	require.NoError(t, os.WriteFile(file, whole, 0o600))
	p = serve(t, folder, settings...)
	p.act(obligation+"/submit", map[string]any{"text": "附件已补"})
	p.stop()
}

// opens has duban open all payloads of a history, as Temporal's pages do, and returns what they say.
func (p *process) opens(h *historypb.History) string {
	p.t.Helper()
	var all commonpb.Payloads
	payloads(p.t, h, func(some []*commonpb.Payload) ([]*commonpb.Payload, error) {
		all.Payloads = append(all.Payloads, some...)
		return some, nil
	})
	body, err := protojson.Marshal(&all)
	require.NoError(p.t, err)
	request, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, strings.TrimSuffix(p.api, "/api/v1")+"/temporal-codec/decode", bytes.NewReader(body))
	require.NoError(p.t, err)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+p.tokenOf("office", "office", ""))
	response, err := http.DefaultClient.Do(request)
	require.NoError(p.t, err)
	defer response.Body.Close()
	require.Equal(p.t, http.StatusOK, response.StatusCode)
	var answer bytes.Buffer
	_, err = answer.ReadFrom(response.Body)
	require.NoError(p.t, err)
	var opened commonpb.Payloads
	require.NoError(p.t, protojson.Unmarshal(answer.Bytes(), &opened))
	var text strings.Builder
	for _, payload := range opened.Payloads {
		text.Write(payload.Data)
	}
	return text.String()
}
