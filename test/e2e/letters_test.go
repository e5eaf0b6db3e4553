package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
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
}
