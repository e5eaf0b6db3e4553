package letter

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Where LibreOffice is installed, documents are looked at as they come out of it.
func TestPDFOfEveryKind(t *testing.T) {
	if testing.Short() {
		t.Skip("starts LibreOffice")
	}
	office := FindLibreOffice()
	if office == nil {
		t.Skip("no LibreOffice on this machine")
	}
	all := everything(t)
	for name, want := range map[string]struct {
		pages int
		texts []string
	}{
		"letter":   {2, []string{"长安委办〔2026〕5号", "华阳路街道", "特此函告", "— 2 —"}},
		"circular": {2, []string{"上海市长宁区安全生产委员会文件", "— 1 —", "— 2 —", "现予通报", "印发"}},
		"minutes":  {2, []string{"约谈纪要", "签字", "— 1 —"}},
		"report":   {6, []string{"演练（", "表1各行动完成情况", "图1各行动办结件数", "按时办结", "76%", "第30月", "— 4 —", "特此报告"}},
	} {
		pdf, err := office.PDF(t.Context(), all[name])
		require.NoError(t, err)
		require.True(t, bytes.HasPrefix(pdf, []byte("%PDF-")), name)
		text := textOf(t, pdf)
		require.Equal(t, want.pages, strings.Count(text, "\f"), name)
		for _, s := range want.texts {
			require.Contains(t, strings.ReplaceAll(text, " ", ""), strings.ReplaceAll(s, " ", ""), name)
		}
		if name == "letter" {
			require.NotContains(t, strings.ReplaceAll(text, " ", ""), "—1—", "the first page of a letter has no number")
		}
	}
}

// textOf returns the PDF's text; every page ends with a form feed.
func textOf(t *testing.T, pdf []byte) string {
	program, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("no pdftotext on this machine")
	}
	file := filepath.Join(t.TempDir(), "document.pdf")
	require.NoError(t, os.WriteFile(file, pdf, 0o600))
	out, err := exec.CommandContext(t.Context(), program, "-layout", file, "-").Output()
	require.NoError(t, err)
	return string(out)
}

// standIn is a LibreOffice that is a shell script.
func standIn(t *testing.T, script string) *LibreOffice {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell on this machine")
	}
	program := filepath.Join(t.TempDir(), "soffice")
	require.NoError(t, os.WriteFile(program, []byte("#!"+shell+"\n"+script+"\n"), 0o700))
	return &LibreOffice{program, make(chan struct{}, 1), time.Minute}
}

func TestLibreOfficeThatFails(t *testing.T) {
	_, err := standIn(t, "echo broken >&2; exit 3").PDF(t.Context(), nil)
	require.ErrorContains(t, err, "broken")
	_, err = standIn(t, "exit 0").PDF(t.Context(), nil)
	require.ErrorIs(t, err, os.ErrNotExist, "it says nothing and makes nothing")
}

func TestLibreOfficeThatHangsIsEndedWithItsChildren(t *testing.T) {
	office := standIn(t, "sleep 600 & wait")
	office.limit = 200 * time.Millisecond
	begun := time.Now()
	_, err := office.PDF(t.Context(), nil)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Less(t, time.Since(begun), 4*time.Second, "its child holds the pipes open")
}

func TestOneDocumentAtATime(t *testing.T) {
	office := standIn(t, "exit 0")
	office.limit = 100 * time.Millisecond
	office.turn <- struct{}{}
	_, err := office.PDF(t.Context(), nil)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	<-office.turn
	_, err = office.PDF(t.Context(), nil)
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestNothingIsLeftBehind(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	pdf, err := standIn(t, `cp document.docx document.pdf`).PDF(t.Context(), []byte("content"))
	require.NoError(t, err)
	require.Equal(t, "content", string(pdf))
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range left {
		require.NotContains(t, e.Name(), "duban-pdf-")
	}
}
