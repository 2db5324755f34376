package pipeline

import (
	"context"
	"errors"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/changes"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/goapi"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/report"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/sources"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// whatChanged is the section of the report about what changed since the last
// published state, and what that changes in Go.
func whatChanged(root string, made, out *output) (string, error) {
	before, err := importedState("api/"+upstream, root, inAPI(root, upstream))
	if err != nil {
		return "", err
	}
	after := changes.State{Title: "what was imported", Description: made.Published, Names: out.names}
	if after.API, err = goapi.ReadClient(out.client); err != nil {
		return "", err
	}
	changed, err := changes.Report(before, after)
	return "\n## What changed\n\n" + changed, err
}

const wordsHeader = "# Words and names for what is new. Fill in all of them; the next import moves them to where they belong.\n"

// update makes in our own descriptions what changed since the last published
// state, and the client of them. It returns what becomes of them, and the files to
// write.
func update(ctx context.Context, root string, made *output) (out *output, files []tree.File, err error) {
	ours, err := own(root)
	if err != nil {
		return nil, nil, err
	}
	u := &sources.Updater{Set: tree.NewSet()}
	old, new := u.Load(u.ReadFile(inAPI(root, upstream))), u.Load(tree.File{Name: upstream, Data: made.Published})
	fabric, rest := u.Load(ours.Documents[0]), u.Load(ours.Documents[1])
	if u.Failed() {
		return nil, nil, u.Err()
	}
	u.Update(old, new, []sources.Source{{Root: rest}, {Root: fabric, Base: "/api/fabric"}}, ours.Words)
	encode := func(name, header string, n *yaml.Node) tree.File {
		text, encodeErr := u.EncodeYAML(header, n, name)
		err = errors.Join(err, encodeErr)
		return tree.File{Name: name, Data: text}
	}
	for i, n := range []*yaml.Node{fabric, rest} {
		ours.Documents[i] = encode(ours.Documents[i].Name, "", n)
	}
	ours.Overlay.Data = u.Rename(ours.Overlay.Data)
	files = append(ours.Documents, ours.Overlay, tree.File{Name: inAPI(root, upstream), Data: made.Published})
	ours.Words = tree.File{}
	if w := u.Words(); w != nil {
		ours.Words = encode(inAPI(root, words), wordsHeader, w)
		files = append(files, ours.Words)
	}
	if err != nil {
		return nil, nil, err
	}
	if out, err = build(ctx, root, ours); err != nil {
		return nil, nil, err
	}
	made.report.Notes[report.Overlay] = out.report.Notes[report.Overlay]
	for _, note := range u.Notes {
		made.report.Note(report.ByHand, "%s", note)
	}
	return out, append(files, out.inModule(root)...), nil
}
