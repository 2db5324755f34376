package signalwire

import "github.com/seed-fbb712e3/signalwire-go/gen"

// Operations returns all operations of the API, sorted by id. An id such as
// "update_sip_gateway" names the operation in [Error.Operation], in [CallInfo.Operation],
// in logs, and in the faults of package signalwiretest.
func Operations() []gen.Operation { return gen.Operations() }
