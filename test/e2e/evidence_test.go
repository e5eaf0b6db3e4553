package e2e

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const task = "/obligations/small/1.1/u02/1"

// upload sends a file for the task and returns the status and the answer.
func (p *process) upload(name, media string, content io.Reader, header ...string) (int, map[string]any) {
	p.t.Helper()
	return p.uploadFor(task, name, media, content, header...)
}

func (p *process) uploadFor(obligation, name, media string, content io.Reader, header ...string) (int, map[string]any) {
	p.t.Helper()
	response, err := p.uploading(obligation, name, media, content, header...)
	require.NoError(p.t, err)
	defer response.Body.Close()
	var answer map[string]any
	require.NoError(p.t, json.NewDecoder(response.Body).Decode(&answer))
	return response.StatusCode, answer
}

func (p *process) uploading(obligation, name, media string, content io.Reader, header ...string) (*http.Response, error) {
	address := p.api + obligation + "/evidence?name=" + url.QueryEscape(name)
	request, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, address, content)
	require.NoError(p.t, err)
	request.Header.Set("Content-Type", media)
	request.Header.Set("Authorization", "Bearer "+p.token(http.MethodPost, obligation+"/evidence"))
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	return http.DefaultClient.Do(request)
}

// disk counts files and bytes in the folder of evidence.
func disk(t *testing.T, folder string) (files int, size int64) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(filepath.Join(folder, "evidence"), func(_ string, e fs.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil // removed meanwhile
		}
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if os.IsNotExist(err) {
			return nil
		}
		files, size = files+1, size+info.Size()
		return err
	}))
	return files, size
}

type evidenceList struct {
	Evidence []struct {
		ID, Name, Type, SHA256 string
		Size                   int64
		Staged                 bool
		Seq                    int
	}
}

// A report with its evidence: the office gets the very bytes, the ledger names them, and what is changed on the disk is found.
func TestEvidenceIsProof(t *testing.T) {
	folder := t.TempDir()
	args := append([]string{"--seed", "none"}, scaled("2025-03-10", 0.001)...)
	p := serve(t, folder, args...)
	p.seedSmall("2025-03-01")
	await(t, "it is opened", func() bool { return len(p.obligations("unit=u02&measure=1.1")) == 1 })

	content := append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte("整改报告\x00\xff"), 300_000)...)
	status, first := p.upload("整改 报告.pdf", "application/pdf", bytes.NewReader(content), "Idempotency-Key", "u1")
	require.Equal(t, http.StatusOK, status, first)
	sum := sha256.Sum256(content)
	require.Equal(t, hex.EncodeToString(sum[:]), first["sha256"])
	status, again := p.upload("整改 报告.pdf", "application/octet-stream", bytes.NewReader(content), "Idempotency-Key", "u1")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, first, again)
	files, size := disk(t, folder)
	require.Equal(t, []int64{1, int64(len(content))}, []int64{int64(files), size}, "kept once")
	status, second := p.upload("照片.png", "image/png", strings.NewReader("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"))
	require.Equal(t, http.StatusOK, status, second)

	// Killed in the midst of another upload: nothing of it is to be seen, and nothing of it stays.
	body, send := io.Pipe()
	failed := make(chan error, 1)
	go func() {
		response, err := p.uploading(task, "视频.mp4", "video/mp4", body)
		if err == nil {
			_ = response.Body.Close()
		}
		failed <- err
	}()
	_, err := send.Write(append([]byte("\x00\x00\x00\x18ftypmp42"), make([]byte, 1<<20)...))
	require.NoError(t, err)
	await(t, "half of it lies on the disk", func() bool {
		files, size := disk(t, folder)
		return files == 3 && size > int64(len(content))+1<<19
	})
	p.kill()
	_ = send.Close()
	require.Error(t, <-failed)
	p = serve(t, folder, args...)
	files, _ = disk(t, folder)
	require.Equal(t, 2, files)
	var list evidenceList
	p.get(task+"/evidence", &list)
	require.Len(t, list.Evidence, 2)
	require.True(t, list.Evidence[0].Staged)

	// What is not handed in can be removed; the rest is in the ledger for good.
	remove := func(id any) int {
		r, err := p.send(http.MethodDelete, task+"/evidence/"+id.(string), "", nil)
		require.NoError(t, err)
		_ = r.Body.Close()
		return r.StatusCode
	}
	require.Equal(t, http.StatusOK, remove(second["id"]))
	files, _ = disk(t, folder)
	require.Equal(t, 1, files)
	status, refused := p.post(task+"/submit", map[string]any{"text": "已完成", "evidence": []any{second["id"]}})
	require.Equal(t, http.StatusConflict, status)
	require.Contains(t, refused, "evidence_gone")
	p.act(task+"/submit", map[string]any{"text": "已完成", "evidence": []any{first["id"]}})
	require.Equal(t, http.StatusConflict, remove(first["id"]))
	var detail evidenceList
	p.get(task, &detail)
	require.Len(t, detail.Evidence, 1)
	require.False(t, detail.Evidence[0].Staged)
	var ledger struct{ Events []evidenceList }
	p.get(task+"/ledger", &ledger)
	require.Equal(t, first["sha256"], ledger.Events[len(ledger.Events)-1].Evidence[0].SHA256)
	got, digest := p.download(task + "/evidence/" + first["id"].(string))
	require.True(t, bytes.Equal(content, got))
	require.Equal(t, first["sha256"], digest)
	stranger := http.Header{"Authorization": {"Bearer " + p.tokenOf("liaison-u03", "unit", "u03")}}
	for method, path := range map[string]string{http.MethodGet: "/evidence/" + first["id"].(string), http.MethodPost: "/evidence?name=a.pdf", http.MethodDelete: "/evidence/x"} {
		r, err := p.send(method, task+path, "", stranger)
		require.NoError(t, err)
		_ = r.Body.Close()
		require.Equal(t, http.StatusForbidden, r.StatusCode, method)
	}
	p.act(task+"/accept", map[string]any{})
	verify(t, folder)
	file, apart := p.dossierWith(content)

	// One byte is enough, or the file itself.
	key := first["sha256"].(string) + "-" + first["id"].(string)
	path := filepath.Join(folder, "evidence", key[:2], key)
	content[len(content)/2] ^= 1
	require.NoError(t, os.WriteFile(path, content, 0o600))
	out, code := run(t, "--set", "data.folder="+folder, "verify")
	require.NotZero(t, code)
	require.Contains(t, out, "整改 报告.pdf")
	require.Contains(t, out, "SHA-256 不符")
	r, err := p.send(http.MethodGet, task+"/evidence/"+first["id"].(string), "", nil)
	require.NoError(t, err)
	defer r.Body.Close()
	_, err = io.ReadAll(r.Body)
	require.Error(t, err, "what was changed does not arrive whole")
	require.NoError(t, os.Remove(path))
	out, code = run(t, "--set", "data.folder="+folder, "verify")
	require.NotZero(t, code)
	require.Contains(t, out, "内容缺失")

	// No dossier claims to have what is lost; what was exported before still proves it.
	r, err = p.send(http.MethodGet, task+"/dossier", "", nil)
	require.NoError(t, err)
	defer r.Body.Close()
	require.Equal(t, http.StatusInternalServerError, r.StatusCode)
	broken := filepath.Join(t.TempDir(), "broken.zip")
	out, code = run(t, "--set", "data.folder="+folder, "export", "obligation", strings.TrimPrefix(task, "/obligations/"), "--output", broken)
	require.NotZero(t, code)
	require.Contains(t, out, "佐证材料的内容缺失或被改动过")
	require.NoFileExists(t, broken)
	bare, _ := p.download(task + "/dossier?evidence=false")
	require.Less(t, len(bare), len(content))
	for _, f := range []string{file, apart} {
		out, code = run(t, "verify", f)
		require.Zero(t, code, out)
	}
}

// dossierWith exports the task's dossier with the evidence, by the API and at the machine, and proves both. One byte of the
// evidence that is another is found. The second file has the hashes alone.
func (p *process) dossierWith(content []byte) (file, apart string) {
	t := p.t
	t.Helper()
	id := strings.TrimPrefix(task, "/obligations/")
	byAPI, _ := p.download(task + "/dossier")
	file, apart = filepath.Join(t.TempDir(), "dossier.zip"), filepath.Join(t.TempDir(), "apart.zip")
	require.NoError(t, os.WriteFile(file, byAPI, 0o600))
	out, code := run(t, "verify", file)
	require.Zero(t, code, out)
	at := bytes.Index(byAPI, content)
	require.Positive(t, at, "the very bytes are in it")
	changed := bytes.Clone(byAPI)
	changed[at+len(content)/2] ^= 1
	tampered := filepath.Join(t.TempDir(), "tampered.zip")
	require.NoError(t, os.WriteFile(tampered, changed, 0o600))
	out, code = run(t, "verify", tampered)
	require.Equal(t, 1, code)
	require.Contains(t, out, "佐证材料 整改 报告.pdf（台账第")

	machine := filepath.Join(t.TempDir(), "machine.zip")
	out, code = run(t, "--set", "data.folder="+p.folder, "export", "obligation", id, "--output", machine)
	require.Zero(t, code, out)
	exported, err := os.ReadFile(machine)
	require.NoError(t, err)
	require.True(t, bytes.Contains(exported, content))
	out, code = run(t, "verify", machine)
	require.Zero(t, code, out)
	require.NotContains(t, out, "只核对了台账里的哈希")
	out, code = run(t, "--set", "data.folder="+p.folder, "export", "obligation", id, "--no-evidence", "--output", apart)
	require.Zero(t, code, out)
	exported, err = os.ReadFile(apart)
	require.NoError(t, err)
	require.Less(t, len(exported), len(content))
	out, code = run(t, "verify", apart)
	require.Zero(t, code, out)
	require.Contains(t, out, "只核对了台账里的哈希")
	return file, apart
}

// endless is a body without end; it looks at the disk as it goes.
type endless struct {
	head string
	look func()
}

func (e *endless) Read(p []byte) (int, error) {
	e.look()
	if e.head != "" {
		n := copy(p, e.head)
		e.head = e.head[n:]
		return n, nil
	}
	clear(p)
	return len(p), nil
}

// Whoever means harm is refused, and costs neither disk nor what others have uploaded.
func TestHostileUploadsAreRefused(t *testing.T) {
	folder := t.TempDir()
	args := append([]string{
		"--seed", "none", "--set", "evidence.maxFileMB=4", "--set", "evidence.maxFiles=3", "--set", "evidence.maxTotalMB=5",
		"--set", "evidence.uploadTimeout=1s",
	}, scaled("2025-03-10", 0.001)...)
	p := serve(t, folder, args...)
	p.seedSmall("2025-03-01")
	await(t, "it is opened", func() bool { return len(p.obligations("unit=u02&measure=1.1")) == 1 })

	archive := func(name, content string) io.Reader {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		f, err := w.Create(name)
		require.NoError(t, err)
		_, err = io.WriteString(f, content)
		require.NoError(t, err)
		require.NoError(t, w.Close())
		return &b
	}
	const limit = 4 << 20
	stalled, keep := io.Pipe()
	defer keep.Close()
	go func() { _, _ = keep.Write([]byte("%PDF-1.7\n")) }()
	for name, c := range map[string]struct {
		name, media string
		content     io.Reader
		code        string
	}{
		"zip bomb":       {"炸弹.zip", "application/zip", archive("zeros", strings.Repeat("\x00", 64<<20)), "evidence_archive_unsafe"},
		"bomb in a docx": {"炸弹.docx", "application/octet-stream", archive("word/document.xml", strings.Repeat("\x00", 64<<20)), "evidence_archive_unsafe"},
		"lying type":     {"报告.pdf", "image/png", strings.NewReader("%PDF-1.7"), "evidence_type_mismatch"},
		"lying name":     {"报告.pdf", "application/pdf", strings.NewReader("<html><script>"), "evidence_type_mismatch"},
		"path":           {"../../duban.db.pdf", "application/pdf", strings.NewReader("%PDF-1.7"), "evidence_name_invalid"},
		"path in a zip":  {"a.zip", "application/zip", archive("../../etc/passwd", "x"), "evidence_archive_unsafe"},
		"program":        {"a.exe", "application/octet-stream", strings.NewReader("MZ"), "evidence_type_refused"},
		"page":           {"a.html", "text/html", strings.NewReader("<html>"), "evidence_type_refused"},
		"empty":          {"a.pdf", "application/pdf", http.NoBody, "evidence_empty"},
		"stalled":        {"a.pdf", "application/pdf", stalled, "body_timeout"},
		"says too large": {"a.pdf", "application/pdf", bytes.NewReader(make([]byte, limit+1)), "evidence_too_large"},
	} {
		status, answer := p.upload(c.name, c.media, c.content)
		require.GreaterOrEqual(t, status, 400, name)
		require.Equal(t, c.code, answer["code"], "%s: %v", name, answer)
		files, _ := disk(t, folder)
		require.Zero(t, files, name)
	}

	most := int64(0)
	response, err := p.uploading(task, "a.pdf", "application/pdf", &endless{"%PDF-1.7\n", func() {
		_, size := disk(t, folder)
		most = max(most, size)
	}})
	if err == nil { // else the connection was closed before the client had read the answer
		require.Equal(t, http.StatusRequestEntityTooLarge, response.StatusCode)
		_ = response.Body.Close()
	}
	require.LessOrEqual(t, most, int64(limit))
	await(t, "nothing stays of it", func() bool {
		files, _ := disk(t, folder)
		return files == 0
	})

	for n, want := range []string{"", "", "evidence_full", "", "evidence_full"} {
		size := []int{2 << 20, 2 << 20, 2 << 20, 1000, 1000}[n]
		_, answer := p.upload("a.pdf", "application/pdf", io.MultiReader(strings.NewReader("%PDF-1.7\n"), bytes.NewReader(make([]byte, size))))
		code, _ := answer["code"].(string)
		require.Equal(t, want, code, n)
	}
	files, _ := disk(t, folder)
	require.Equal(t, 3, files)
	require.NoFileExists(t, filepath.Join(folder, "duban.db.pdf"))
	verify(t, folder)
}
