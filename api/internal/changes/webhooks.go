package changes

// webhooks compares the requests that SignalWire sends. Their bodies are read as
// those of responses are, and the responses to them are sent as requests are.
func (r *reporter) webhooks() {
	from, to := object(r.old.doc["webhooks"]), object(r.new.doc["webhooks"])
	for _, name := range both(from, to) {
		for _, method := range both(from[name], to[name]) {
			a, b := object(at(from, name, method)), object(at(to, name, method))
			p := place{where: code("webhook " + name)}
			switch w := r.part(p.where); {
			case a == nil && b == nil:
			case a == nil:
				r.add(w, addition, p, "is new")
			case b == nil:
				r.add(w, behaviour, p, "is gone")
			default:
				r.content(w, p.of("request: "), response, object(a["requestBody"]), object(b["requestBody"]))
				r.replies(w, p, object(a["responses"]), object(b["responses"]))
			}
		}
	}
}

func (r *reporter) replies(w *part, p place, from, to node) {
	for _, status := range both(from, to) {
		switch was, is := from[status], to[status]; {
		case was == nil:
			r.add(w, addition, p, "can be responded to with status "+status+" now")
		case is == nil:
			r.add(w, breaks, p, "cannot be responded to with status "+status+" any more")
		default:
			r.content(w, p.of("response "+status+": "), request, object(was), object(is))
		}
	}
}
