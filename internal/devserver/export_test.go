package devserver

import "maps"

// Inside gives the addresses of the services behind the frontend, by their names.
func (s *Server) Inside() map[string]string {
	out := map[string]string{}
	for name, addr := range maps.All(s.inside) {
		out[string(name)] = addr
	}
	return out
}
