// Rotatepasswords gives every SIP credential of every subscriber a new password.
//
//	go run ./wrapper/examples/rotatepasswords -file passwords.jsonl
//
// The passwords are in the file, which only its owner can read, with one JSON object on
// each line. Each is written there before it is set, so that none is lost. If the program
// was interrupted, run it again with the same file: it skips the passwords that it has set,
// and sets those again that it may have set. A new rotation needs a new file. It needs the
// environment variables SIGNALWIRE_SPACE, SIGNALWIRE_PROJECT_ID and
// SIGNALWIRE_API_TOKEN.
package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/google/uuid"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

func main() {
	file := flag.String("file", "passwords.jsonl", "where the passwords are kept")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	client, err := signalwire.NewFromEnv()
	if err == nil {
		err = run(ctx, client, os.Stdout, *file)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// entry is a line of the file. A credential has one when its password is made, and
// another when the password is set.
type entry struct {
	Subscriber uuid.UUID `json:"subscriber"`
	Credential uuid.UUID `json:"credential"`
	Username   string    `json:"username"`
	Password   string    `json:"password"`
	Set        bool      `json:"set"`
}

func run(ctx context.Context, client *signalwire.Client, out io.Writer, name string) error {
	file, entries, err := open(name)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()

	credentials, err := list(ctx, client)
	if err != nil {
		return err
	}
	set, failed := 0, 0
	for i, credential := range credentials {
		e, known := entries[credential.Credential]
		if e.Set {
			set++
			continue
		}
		if !known {
			e = credential
			e.Password = rand.Text()
			if err := write(file, e); err != nil {
				return err
			}
		}
		_, err := client.SubscriberSIPCredentials.Update(ctx, e.Subscriber, e.Credential, gen.SubscriberSIPCredentialUpdate{
			Password: &e.Password,
		})
		if ctx.Err() != nil {
			return fmt.Errorf("rotatepasswords: interrupted: %d of %d are set. Run it again to go on", set, len(credentials))
		}
		if err != nil {
			failed++
			fmt.Fprintf(out, "%d of %d: %s: %v\n", i+1, len(credentials), e.Username, err)
			continue
		}
		e.Set = true
		if err := write(file, e); err != nil {
			return err
		}
		set++
		fmt.Fprintf(out, "%d of %d: %s\n", i+1, len(credentials), e.Username)
	}
	fmt.Fprintf(out, "%d of %d are set, %d failed\n", set, len(credentials), failed)
	if failed > 0 {
		return fmt.Errorf("rotatepasswords: %d failed. Run it again to try them again", failed)
	}
	return nil
}

// list returns the credentials of all subscribers, without passwords.
func list(ctx context.Context, client *signalwire.Client) ([]entry, error) {
	var credentials []entry
	for subscriber, err := range client.Subscribers.All(ctx) {
		if err != nil {
			return nil, err
		}
		for credential, err := range client.SubscriberSIPCredentials.All(ctx, subscriber.ID) {
			if err != nil {
				return nil, err
			}
			credentials = append(credentials, entry{Subscriber: subscriber.ID, Credential: credential.ID, Username: credential.Username})
		}
	}
	return credentials, nil
}

// open opens the file, or makes it, and returns the last entry of each credential.
func open(name string) (*os.File, map[uuid.UUID]entry, error) {
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, nil, err
	}
	text, err := io.ReadAll(file)
	entries := map[uuid.UUID]entry{}
	if err == nil {
		// What follows the last end of a line was cut off while it was written.
		text = text[:bytes.LastIndexByte(text, '\n')+1]
		for line := range bytes.Lines(text) {
			var e entry
			if err = json.Unmarshal(line, &e); err != nil {
				err = fmt.Errorf("rotatepasswords: %s: %w", name, err)
				break
			}
			entries[e.Credential] = e
		}
	}
	if err == nil {
		err = file.Truncate(int64(len(text)))
	}
	if err == nil {
		_, err = file.Seek(0, io.SeekEnd)
	}
	if err != nil {
		_ = file.Close()
		return nil, nil, err
	}
	return file, entries, nil
}

// write adds a line to the file, which is on the disk when it returns.
func write(file *os.File, e entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if _, err := file.Write(append(line, '\n')); err != nil {
		return err
	}
	return file.Sync()
}
