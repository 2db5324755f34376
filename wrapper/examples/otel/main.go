// Command otel traces calls with OpenTelemetry: it wraps the transport with
// otelhttp and names each span after the operation. It is a module of its own,
// so that the library needs none of OpenTelemetry.
//
// It calls a Space inside the process and prints the spans.
package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	exporter, err := stdouttrace.New(stdouttrace.WithPrettyPrint(), stdouttrace.WithWriter(out))
	if err != nil {
		return err
	}
	provider := trace.NewTracerProvider(trace.WithSyncer(exporter))
	defer func() { _ = provider.Shutdown(ctx) }()

	transport := otelhttp.NewTransport(http.DefaultTransport.(*http.Transport).Clone(),
		otelhttp.WithTracerProvider(provider),
		otelhttp.WithSpanNameFormatter(func(_ string, r *http.Request) string {
			op, _ := signalwire.OperationFromContext(r.Context())
			return op.ID
		}),
	)

	space, err := signalwiretest.Start()
	if err != nil {
		return err
	}
	defer space.Close()
	id := space.Put(gen.SIPGatewayResource{SIPGateway: gen.SIPGateway{Name: "edge"}})

	client := space.Client(signalwire.WithTransport(transport))
	defer client.CloseIdleConnections()
	_, _, err = client.SIPGateways.Edit(ctx, id, func(g *gen.SIPGatewayUpdate) error {
		g.Name = signalwire.Ptr("edge-1")
		return nil
	})
	return err
}
