package letter

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sebdah/goldie/v2"
	"github.com/stretchr/testify/require"
)

// "go test ./internal/letter -update" takes changes over.
func TestFilesAreReadAsTheyAre(t *testing.T) {
	g := goldie.New(t, goldie.WithNameSuffix(".read.txt"))
	for name, docx := range everything(t) {
		blocks, err := Read(docx)
		require.NoError(t, err)
		g.Assert(t, name, []byte(outline(blocks)))
	}
}

// outline writes a line for each block, headings in brackets.
func outline(blocks []Block) string {
	var b strings.Builder
	for _, block := range blocks {
		fmt.Fprintf(&b, "%-10s ", block.Style)
		for _, p := range block.Pieces {
			if p.Head {
				b.WriteString("[" + p.Text + "]")
			} else {
				b.WriteString(p.Text)
			}
		}
		for _, row := range block.Rows {
			b.WriteString("\n  | " + strings.Join(row, " | "))
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestReadingFindsEveryText(t *testing.T) {
	l := circularOf24()
	l.Body, l.Attachments, l.Note = append(l.Body, "一、<b>要求</b>。请“照办”&回复"), []string{"名单", "表"}, "联系人：某"
	l.Mark = textDraft
	docx, err := Render(Circular, l)
	require.NoError(t, err)
	blocks, err := Read(docx)
	require.NoError(t, err)
	read := outline(blocks)
	for _, text := range append([]string{l.Issuer + textFile, l.Number, l.Title, l.To + "：", "[一、<b>要求</b>。]请“照办”&回复", "1.名单", "2.表", "（联系人：某）", l.Copies, l.Printer, l.Mark}, l.Rows[23].Unit) {
		require.Contains(t, read, text)
	}
	require.Equal(t, []string{"2", l.Rows[1].Unit, l.Rows[1].Matter, l.Rows[1].Due, "99"}, blocks[indexOf(blocks, StyleTable)].Rows[2])
	for _, broken := range [][]byte{nil, []byte("PK"), []byte(strings.ReplaceAll(string(docx), "word/document.xml", "word/dacument.xml"))} {
		_, err := Read(broken)
		require.Error(t, err)
	}
}

func indexOf(blocks []Block, style Style) int {
	for i, b := range blocks {
		if b.Style == style {
			return i
		}
	}
	return -1
}
