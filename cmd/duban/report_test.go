package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/internal/letter"
)

// The command line writes what the page's download says, and leaves no trace in the record.
func TestReportIsWritten(t *testing.T) {
	folder, run := lived(t)
	x := seenIn(t, folder, run)
	before := content(t, folder)
	file := filepath.Join(t.TempDir(), "报告.docx")
	report := func(args ...string) said {
		return duban(t, nil, append([]string{"--set", "data.folder=" + folder, "report"}, args...)...)
	}
	r := report("2024H2", "--as-of", "2025-03-31", "-o", file)
	require.Zero(t, r.code, r.stderr)
	require.Contains(t, r.stdout, "2024年下半年")
	docx, err := os.ReadFile(file)
	require.NoError(t, err)
	written, err := letter.Read(docx)
	require.NoError(t, err)
	shown, err := letter.Read(fetched(t, x.programs, "/api/v1"+figuresPath+"/report?half=2024H2&until=2025-03-31"))
	require.NoError(t, err)
	require.Equal(t, letter.StyleMark, written[0].Style, "on a clock that is not the wall's")
	require.Equal(t, shown[:len(shown)-1], written[1:len(written)-1], "all but the mark and the day of writing")
	require.Equal(t, before, content(t, folder))

	for _, c := range []struct {
		args []string
		word string
	}{
		{[]string{"2024H2", "-o", file}, "文件已存在"},
		{[]string{"2024", "-o", file + "2"}, "2026H1"},
		{[]string{"2024H2", "--as-of", "3月", "-o", file + "2"}, "不是日期"},
		{[]string{"2024H2", "--as-of", "2024-06-30", "-o", file + "2"}, "还没有开始"},
		{[]string{"2026H1", "-o", file + "2"}, "还没有开始"},
		{[]string{"2027H1", "-o", file + "2"}, "没有2027年上半年"},
	} {
		requireFaults(t, exitUsage, report(c.args...), c.word)
	}
	require.NoFileExists(t, file+"2")
}
