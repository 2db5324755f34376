package signalwire

import "github.com/seed-fbb712e3/signalwire-go/gen"

// Operations returns all operations of the API, sorted by their ids. An id is what
// [Error.Operation], [CallInfo.Operation], logs and the faults of package
// signalwiretest have for the operation, such as "update_sip_gateway".
func Operations() []gen.Operation { return gen.Operations() }
