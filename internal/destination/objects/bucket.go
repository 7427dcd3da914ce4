package objects

import (
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // S3's own check of a body, no secret
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/debrief-dev/debrief/internal/destination"
)

// bucket keeps files as objects of storage that speaks S3's protocol, by requests signed with version 4
// (https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html). A file of some megabytes is put
// in one request, which S3 takes whole or not at all.
type bucket struct {
	base   *url.URL // of the bucket, its path without a slash at the end
	region string
	prefix string
	keys   aws.Credentials
	client *http.Client
	now    func() time.Time
}

// bucketURL is the address of the bucket.
func bucketURL(s destination.Settings) (*url.URL, error) {
	name, region := s["bucket"], s["region"]
	if strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") != "" || strings.Trim(name, ".") == "" {
		return nil, &destination.InvalidSettings{Key: "bucket", Reason: "is no name of a bucket"}
	}
	if strings.Trim(region, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return nil, &destination.InvalidSettings{Key: "region", Reason: "is no name of a region"}
	}
	endpoint := s["endpoint"]
	if endpoint == "" {
		endpoint = "https://s3." + region + ".amazonaws.com"
	}
	base, err := url.Parse(strings.TrimRight(endpoint, "/"))
	if err != nil || base.RawQuery != "" || base.User != nil {
		return nil, &destination.InvalidSettings{Key: "endpoint", Reason: "is more than a host and a path"}
	}
	if s["addressing"] == byPath || s["addressing"] == byAuto && s["endpoint"] != "" {
		base.Path += "/" + name
		return base, nil
	}
	if net.ParseIP(base.Hostname()) != nil {
		return nil, &destination.InvalidSettings{Key: "addressing", Reason: "cannot put a bucket before an IP address"}
	}
	base.Host = name + "." + base.Host
	return base, nil
}

// put implements store.
func (b *bucket) put(ctx context.Context, path string, content []byte) destination.Result {
	return b.do(ctx, http.MethodPut, path, content)
}

// test implements store. Keys that may put objects and not delete them leave an empty one.
func (b *bucket) test(ctx context.Context) error {
	path := join(b.prefix, testName)
	if r := b.do(ctx, http.MethodPut, path, nil); r.Err != nil {
		return r.Err
	}
	_ = b.do(ctx, http.MethodDelete, path, nil)
	return ended(ctx)
}

func (b *bucket) do(ctx context.Context, method, path string, content []byte) destination.Result {
	r, err := b.request(ctx, method, path, content)
	if err != nil {
		return destination.Result{Err: fmt.Errorf("make a request of the settings: %w: %w", destination.ErrUnavailable, err)}
	}
	answer, result := destination.Do(b.client, r, b.now())
	return explain(&answer, result)
}

// request is signed. The path is escaped as the signature has it: all but letters, digits and -._~/.
func (b *bucket) request(ctx context.Context, method, path string, content []byte) (*http.Request, error) {
	u := *b.base
	u.Path += "/" + path
	u.RawPath = escape(u.Path)
	r, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	if method == http.MethodPut {
		sum := md5.Sum(content) //nolint:gosec // as above
		r.Header.Set("Content-Md5", base64.StdEncoding.EncodeToString(sum[:]))
		r.Header.Set("Content-Type", "application/vnd.apache.parquet")
	}
	sum := sha256.Sum256(content)
	hash := hex.EncodeToString(sum[:])
	r.Header.Set("X-Amz-Content-Sha256", hash)
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	return r, signer.SignHTTP(ctx, b.keys, r, hash, "s3", b.region, b.now())
}

// escape is the encoding of paths that signatures are made over.
func escape(path string) string {
	const plain = "-._~/"
	var out strings.Builder
	for i := range len(path) {
		c := path[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte(plain, c) >= 0 {
			out.WriteByte(c)
		} else {
			fmt.Fprintf(&out, "%%%02X", c)
		}
	}
	return out.String()
}

// explain reads S3's own words of an error. A bad request that S3 explains is one of a wrong region or an
// expired key, never one of a call.
func explain(a *destination.Answer, r destination.Result) destination.Result {
	var said struct {
		XMLName       xml.Name `xml:"Error"`
		Code, Message string
	}
	if r.Err == nil || xml.Unmarshal(a.Body, &said) != nil || said.Code == "" {
		return r
	}
	reason := destination.Shorten(fmt.Sprintf("%d %s: %s", a.Status, said.Code, said.Message))
	var discarded *destination.Discarded
	switch {
	case errors.As(r.Err, &discarded) && a.Status != http.StatusBadRequest || said.Code == "EntityTooLarge":
		r.Err = &destination.Discarded{Code: said.Code, Reason: reason}
	case errors.As(r.Err, &discarded) || errors.Is(r.Err, destination.ErrUnavailable):
		r.Err = fmt.Errorf("%s: %w", reason, destination.ErrUnavailable)
	default:
		r.Err = errors.New(reason)
	}
	return r
}
