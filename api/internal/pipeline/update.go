package pipeline

import (
	"context"
	"os"
	"path/filepath"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/changes"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/goapi"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/report"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/sources"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// whatChanged is the section of the report about what changed since the last
// published state, and what that changes in Go.
func whatChanged(root string, made, out *output) (string, error) {
	old, err := os.ReadFile(filepath.Join(root, "api", upstream))
	if err != nil {
		return "", err
	}
	before := changes.State{Title: "api/" + upstream, Description: old}
	after := changes.State{Title: "what was imported", Description: made.Published, Names: out.names}
	if before.Names, before.API, err = readGo(root, filepath.Join(root, "api", "names.lock")); err != nil {
		return "", err
	}
	if after.API, err = goapi.ReadClient(out.client); err != nil {
		return "", err
	}
	changed, err := changes.Report(before, after, nil)
	return "\n## What changed\n\n" + changed, err
}

// update makes in our own descriptions what changed since the last published
// state, and the client of them. It returns what becomes of them, and the files to
// write.
func update(ctx context.Context, root string, made *output) (out *output, files []tree.File, err error) {
	in := func(name ...string) string { return filepath.Join(append([]string{root}, name...)...) }
	u := &sources.Updater{Set: tree.NewSet()}
	old := u.Load(u.Read(in("api", upstream)))
	new := u.Load(tree.File{Name: upstream, Data: made.Published})
	ours := []sources.Source{{Root: u.Load(u.Read(in("api", rest)))}, {Root: u.Load(u.Read(in("api", fabric))), Base: "/api/fabric"}}
	corrections := u.Read(in("api", "overlay.yaml"))
	var written tree.File
	if w := own(in("api")).Words; w != "" {
		written = u.Read(w)
	}
	if u.Failed() {
		return nil, nil, u.Err()
	}
	u.Update(old, new, ours, written)
	temp, err := os.MkdirTemp("", "update")
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(temp)
	add := func(name string, data []byte) {
		files = append(files, tree.File{Name: in("api", name), Data: data})
	}
	for i, name := range []string{rest, fabric} {
		text, err := u.EncodeYAML("", ours[i].Root, name)
		if err != nil {
			return nil, nil, err
		}
		add(name, text)
	}
	add("overlay.yaml", u.Rename(corrections.Data))
	if w := u.Words(); w != nil {
		text, err := u.EncodeYAML("# Words and names for what is new. Fill in all of them; the next import moves them to where they belong.\n", w, words)
		if err != nil {
			return nil, nil, err
		}
		add(words, text)
	}
	for _, file := range files {
		if err := os.WriteFile(filepath.Join(temp, filepath.Base(file.Name)), file.Data, 0o600); err != nil {
			return nil, nil, err
		}
	}
	add(upstream, made.Published)
	renewed := own(temp)
	renewed.Overlay = filepath.Join(temp, "overlay.yaml")
	if out, err = build(ctx, root, renewed); err != nil {
		return nil, nil, err
	}
	made.report.ReplaceOverlay(out.report, temp, in("api"))
	for _, note := range u.Notes {
		made.report.Note(report.ByHand, "%s", note)
	}
	return out, append(files, out.files(in("api"), in("gen"), in("gen"))...), nil
}
