package api

import (
	"context"
	"errors"
	"net/http"

	"duban/obligation"
)

// Sheet is what the file of a document says, to be read on a screen.
type Sheet struct {
	Title  string       `json:"title" doc:"标题"`
	Digest string       `json:"digest" doc:"所读文件（DOCX）的 SHA-256，十六进制"`
	Blocks []SheetBlock `json:"blocks" doc:"内容，自上而下"`
}

// SheetBlock is a paragraph, or a table.
type SheetBlock struct {
	Style  string       `json:"style" enum:"mark,masthead,rule,title,text,flush,center,right,foot,table,signatures" doc:"版式：mark 草稿等标记，masthead 红头，rule 红线，title 标题，text 正文段落，flush 顶格，center 居中，right 居右，foot 版记，table 名单（首行为表头），signatures 签字处"`
	Pieces []SheetPiece `json:"pieces,omitempty" doc:"段落的文字；没有则为红线或表格"`
	Rows   [][]string   `json:"rows,omitempty" doc:"表格的各行"`
}

// SheetPiece is a run of a paragraph.
type SheetPiece struct {
	Text string `json:"text" doc:"文字"`
	Head bool   `json:"head,omitempty" doc:"true：小标题"`
}

// registerSheets registers the reading of the files that are there to download.
func (s *server) registerSheets() {
	read := func(id, path string, codes ...Code) operation {
		return operation{id: id, method: http.MethodGet, path: path, tag: tagDocuments, codes: append(codes, Code(obligation.CodeNotFound))}
	}
	const document = "/documents/{plan}/{measure}/{unit}/{period}/{rung}"
	register(s, read("read-document", document+"/text", CodeWithdrawn), s.readDocument)
	register(s, read("read-minutes", document+"/minutes/text", CodeNotConcluded), s.readMinutes)
}

func (s *server) readDocument(ctx context.Context, in *DocumentPath) (*Body[Sheet], error) {
	p, err := s.documentFile(ctx, *in)
	if err != nil {
		return nil, err
	}
	return s.sheet(ctx, p)
}

// ReadMinutesInput asks for what the minutes of an interview say.
type ReadMinutesInput struct {
	ObligationPath
	Rung string `path:"rung" enum:"interview" doc:"升级措施：只有约谈有纪要"`
}

func (s *server) readMinutes(ctx context.Context, in *ReadMinutesInput) (*Body[Sheet], error) {
	p, err := s.minutesFile(ctx, in.id())
	if err != nil {
		return nil, err
	}
	return s.sheet(ctx, p)
}

// sheet returns what a paper's file says: the kept one's, or that of one made now.
func (s *server) sheet(ctx context.Context, p paper) (*Body[Sheet], error) {
	f, err := s.docx(ctx, p)
	var blocks []SheetBlock
	if err == nil {
		if blocks, err = s.Read(f.Content); err != nil {
			err = unwritten{err}
		}
	}
	if failed, ok := errors.AsType[unwritten](err); ok {
		return nil, s.unwritten(ctx, p, failed)
	}
	if err != nil {
		return nil, err
	}
	return answer(Sheet{Title: f.Title, Digest: f.Digest, Blocks: blocks}), nil
}
