package letter

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/obligation"
)

// folder returns a folder with the files.
func folder(t *testing.T, files map[string]string) string {
	dir := t.TempDir()
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	return dir
}

const (
	title = `{{define "标题"}}关于{{.事项}}的函{{end}}`
	body  = `{{define "正文"}}请办理。{{end}}`
)

func TestOwnTemplateReplacesOneKind(t *testing.T) {
	// As Windows' editor saves it.
	dir := folder(t, map[string]string{"letter.txt": "\ufeff" + title + "\r\n{{define \"主送\"}}{{.单位}}{{end}}\r\n{{define \"正文\"}}\r\n　　本地的措辞。\r\n　　（一）请办理。\r\n{{end}}"})
	own, err := LoadTemplates(dir)
	require.NoError(t, err)
	w := NewWriter(own, contact)
	_, docx, err := w.Document(document(obligation.Letter, "长安委办〔2026〕5号"), late(), definition(t))
	require.NoError(t, err)
	text := part(t, docx, "word/document.xml")
	requireText(t, text, ">本地的措辞。<", "华阳路街道：")
	require.NotContains(t, text, "特此函告")
	require.NotContains(t, text, "\r")
	_, docx, err = w.Document(document(obligation.Circular, "长安委〔2026〕5号"), late(), definition(t))
	require.NoError(t, err)
	requireText(t, part(t, docx, "word/document.xml"), "现予通报")
}

func TestNoFolderNoTemplatesOfItsOwn(t *testing.T) {
	_, err := LoadTemplates(filepath.Join(t.TempDir(), "templates"))
	require.NoError(t, err)
}

func TestRowsOfTheListCanBeWorded(t *testing.T) {
	dir := folder(t, map[string]string{"circular.txt": title + `{{define "正文"}}{{range .名单}}{{.单位}}逾期{{.天数}}天，{{$.方案文号}}{{end}}。{{end}}`})
	own, err := LoadTemplates(dir)
	require.NoError(t, err)
	_, docx, err := NewWriter(own, contact).Document(document(obligation.Circular, ""), late(), definition(t))
	require.NoError(t, err)
	requireText(t, part(t, docx, "word/document.xml"), "华阳路街道逾期8天，长安委〔2024〕5号。")
}

// Everything that is wrong is told at once, with file and line, in Chinese.
func TestWrongTemplatesAreToldAtOnce(t *testing.T) {
	dir := folder(t, map[string]string{
		"letter.txt":    title + "\n{{define \"正文\"}}\n{{.单味}}和{{.期线}}\n{{with .联系人}}{{.电话}}{{end}}{{$.没有}}\n{{range .名单}}{{.文号}}{{end}}\n{{end}}",
		"circular.txt":  title + "\n" + body + "\n{{if .事项}}",
		"interview.txt": title + "\n\n漏在外面的文字",
		"minutes.txt":   title + body + "\n{{define \"落款\"}}某某{{end}}",
		"extension.txt": title + "\n{{define \"正文\"}}{{index .名单 7}}{{end}}",
		"expose.txt":    "\xff\xfe",
		"transfer.txt":  title + "\n{{define \"正文\"}} {{end}}",
		"别的.txt":        "x",
		".swp":          "x",
	})
	_, err := LoadTemplates(dir)
	var faults Faults
	require.ErrorAs(t, err, &faults)
	var places []string
	for _, f := range faults {
		require.Regexp(t, `\p{Han}`, f.Text)
		places = append(places, f.File+":"+number(f.Line))
	}
	require.Equal(t, []string{
		"expose.txt:0", "别的.txt:0", "letter.txt:3", "letter.txt:3", "letter.txt:4", "letter.txt:4", "letter.txt:5", "circular.txt:3",
		"interview.txt:0", "interview.txt:3", "minutes.txt:2", "extension.txt:2", "transfer.txt:0",
	}, places)
	message := err.Error()
	requireText(t, message, "文书模板有 13 处需要改正", "letter.txt 第 3 行：没有字段 .单味，可用：单位、事项", "在 with 之内写作 $.电话", "没有字段 .没有",
		"没有“落款”这一部分", "缺少“正文”", "不是 UTF-8", "letter.txt（督促函）", "不在任何部分之内")
	require.NotContains(t, message, dir)
}

func TestUnreadableFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "templates")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := LoadTemplates(file)
	require.ErrorContains(t, err, "无法读取")
}
