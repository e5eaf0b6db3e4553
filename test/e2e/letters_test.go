package e2e

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// download returns a file, and the digest that came with it.
func (p *process) download(path string) (content []byte, digest string) {
	r, err := p.send(http.MethodGet, path, "", nil)
	require.NoError(p.t, err)
	defer r.Body.Close()
	content, err = io.ReadAll(r.Body)
	require.NoError(p.t, err)
	require.Equal(p.t, http.StatusOK, r.StatusCode, string(content))
	return content, r.Header.Get("X-Duban-SHA256")
}

// A letter is previewed as a draft; once signed off it is the same file for ever, over a restart of the program too.
func TestIssuedLetterIsTheSameForEver(t *testing.T) {
	folder := t.TempDir()
	args := append([]string{"--seed", "none"}, scaled("2025-03-24", 1)...)
	p := serve(t, folder, args...)
	p.seedSmall("2025-03-24")
	const letter = "/documents/small/1.1/u02/1/letter"
	await(t, "the letter is drafted", func() bool {
		r, err := p.send(http.MethodGet, letter, "", nil)
		require.NoError(t, err)
		_ = r.Body.Close()
		return r.StatusCode == http.StatusOK
	})
	draft, _ := p.download(letter + "/file")
	require.Contains(t, string(draft), "草　稿　·　演　练")

	p.act(letter+"/sign-off", map[string]any{})
	issued, digest := p.download(letter + "/file")
	require.Contains(t, string(issued), "〔2025〕1号")
	require.NotContains(t, string(issued), "草　稿")
	sum := sha256.Sum256(issued)
	require.Equal(t, hex.EncodeToString(sum[:]), digest)
	var shown struct{ Digest string }
	p.get(letter, &shown)
	require.Equal(t, digest, shown.Digest)

	p.kill()
	p = serve(t, folder, args...)
	again, _ := p.download(letter + "/file")
	require.True(t, bytes.Equal(issued, again))
	p.exported("small/1.1/u02/1")
}

// exported takes everything there is of an obligation, and proves it without the program that has it.
func (p *process) exported(id string) {
	p.t.Helper()
	content, _ := p.download("/obligations/" + id + "/dossier")
	file := filepath.Join(p.t.TempDir(), "dossier.zip")
	require.NoError(p.t, os.WriteFile(file, content, 0o600))
	out, code := run(p.t, "verify", file)
	require.Zero(p.t, code, out)
	require.Contains(p.t, out, "卷宗核验通过："+id)
	archive, err := zip.OpenReader(file)
	require.NoError(p.t, err)
	defer archive.Close()
	history, err := archive.Open("history.json")
	require.NoError(p.t, err)
	var runs []struct{ Workflow, Run string }
	require.NoError(p.t, json.NewDecoder(history).Decode(&runs))
	require.Len(p.t, runs, 2, "the obligation's and the letter's")
	require.Equal(p.t, "obligation/"+id, runs[0].Workflow)
	require.Equal(p.t, "document/"+id+"/letter", runs[1].Workflow)
	require.NotEmpty(p.t, runs[0].Run)
	content[bytes.Index(content, []byte(`"kind":"issued"`))+8] ^= 1
	require.NoError(p.t, os.WriteFile(file, content, 0o600))
	_, code = run(p.t, "verify", file)
	require.Equal(p.t, 1, code, "a byte of the ledger")
}
