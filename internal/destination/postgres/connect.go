package postgres

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/debrief-dev/debrief/internal/destination"
)

// How a connection is secured.
const (
	tlsVerify  = "verify"
	tlsRequire = "require"
	tlsOff     = "off"
)

// connConfig is how the database is reached. Nothing of it is taken from the server's environment or home,
// where libpq's defaults would come from.
func connConfig(s destination.Settings, env destination.Env) (*pgx.ConnConfig, error) {
	config, err := pgx.ParseConfig("host=unset port=1 user=unset password=unset dbname=unset sslmode=disable passfile=/dev/null servicefile=/dev/null")
	if err != nil {
		return nil, fmt.Errorf("make settings of a connection: %w", err)
	}
	port := s.Int("port")
	if port < 1 || port > 65535 {
		return nil, &destination.InvalidSettings{Key: "port", Reason: "is not between 1 and 65535"}
	}
	config.Host, config.Port = s["host"], uint16(port)
	config.Database, config.User, config.Password = s["database"], s["user"], s["password"]
	config.Fallbacks, config.RuntimeParams = nil, map[string]string{"application_name": "debrief"}
	config.ConnectTimeout = 30 * time.Second
	config.DialFunc = env.Dial
	// Names are resolved by who dials, whose rules are about addresses.
	config.LookupFunc = func(_ context.Context, host string) ([]string, error) { return []string{host}, nil }
	// Plans are not kept: tables change, and pooling servers know of none.
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	config.TLSConfig, err = tlsConfig(s)
	return config, err
}

func tlsConfig(s destination.Settings) (*tls.Config, error) {
	if s["tls"] == tlsOff {
		return nil, nil
	}
	config := &tls.Config{ServerName: s["host"], InsecureSkipVerify: s["tls"] == tlsRequire, MinVersion: tls.VersionTLS12} //nolint:gosec // the operator's choice
	if s["ca"] == "" {
		return config, nil
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM([]byte(s["ca"])) {
		return nil, &destination.InvalidSettings{Key: "ca", Reason: "has no certificate in PEM"}
	}
	return config, nil
}

// refused is the code of messages that the database will never take.
const refused = "refused"

// judge says what an error means for the messages. Classes are those of PostgreSQL's documentation,
// appendix A: faulty data (22), broken constraints (23) and exceeded limits (54) are the message's; a
// transaction that lost against another (40, 55) is nobody's; anything else is the database's.
func (s *sender) judge(ctx context.Context, err error) error {
	var discarded *destination.Discarded
	if err == nil || errors.As(err, &discarded) {
		return err
	}
	var said *pgconn.PgError
	if !errors.As(err, &said) {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return fmt.Errorf("%s: %w: %w", destination.Shorten("no answer from "+s.config.Host), destination.ErrUnavailable, err)
	}
	reason := destination.Shorten(said.Code + ": " + said.Message)
	switch said.Code[:min(2, len(said.Code))] {
	case "22", "23", "54":
		return &destination.Discarded{Code: refused, Reason: reason}
	case "40", "55":
		return errors.New(reason)
	}
	return fmt.Errorf("%s: %w", reason, destination.ErrUnavailable)
}

// stale tells whether the error is that tables or columns are not as they were known: made or taken away by
// somebody else.
func stale(err error) bool {
	var said *pgconn.PgError
	if !errors.As(err, &said) {
		return false
	}
	switch said.Code {
	case "42P07", "42701", "42P01", "42703", "42804", "3F000": // duplicate and undefined table and column, datatype, schema
		return true
	}
	return false
}

// cut ends a connection at once: asking a server that hangs to end it would wait.
func cut(conn *pgx.Conn) {
	_ = conn.PgConn().Conn().Close()
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	_ = conn.Close(ended)
}
