package gen

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// typecheck returns a function that runs the type checker on one more file beside those given.
func typecheck(t *testing.T, files map[string]string) func(text string) (string, error) {
	t.Helper()
	modules, err := filepath.Abs(filepath.Join("..", "..", "..", "ui", "node_modules"))
	if err != nil {
		t.Fatal(err)
	}
	tsc := filepath.Join(modules, "typescript", "bin", "tsc")
	if _, err := os.Stat(tsc); err != nil {
		const lacks = `needs the type checker of ui/node_modules: run "npm ci" in ui`
		if os.Getenv("DEBRIEF_REQUIRE_SHARED") == "1" { // as in CI
			t.Fatal(lacks)
		}
		t.Skip(lacks)
	}
	if _, err := exec.LookPath("node"); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(modules, filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	write(t, dir, files)
	write(t, dir, map[string]string{"tsconfig.json": `{"compilerOptions": {"target": "ES2022", "module": "ESNext", "moduleResolution": "bundler",
		"lib": ["ES2023", "DOM"], "types": [], "strict": true, "noUnusedLocals": true, "noImplicitReturns": true, "exactOptionalPropertyTypes": true,
		"skipLibCheck": true, "noEmit": true}, "include": ["*.ts"]}`})
	return func(text string) (string, error) {
		write(t, dir, map[string]string{"app.ts": text})
		return run(dir, "node", tsc, "-p", ".")
	}
}

// nodeClient has the calls of @segment/analytics-node, as its types have them.
const nodeClient = `
type Identity = { userId: string; anonymousId?: string } | { userId?: string; anonymousId: string };
interface Extra { integrations?: object; timestamp?: string | Date; context?: { [key: string]: any }; messageId?: string }
export declare class Analytics {
  track(params: Identity & Extra & { event: string; properties?: Record<string, any> }, callback?: (err?: unknown) => void): void;
  identify(params: Identity & Extra & { traits?: Record<string, any> }, callback?: (err?: unknown) => void): void;
  group(params: Identity & Extra & { groupId: string; traits?: Record<string, any> }, callback?: (err?: unknown) => void): void;
  page(params: Identity & Extra & { name?: string; category?: string; properties?: Record<string, any> }, callback?: (err?: unknown) => void): void;
  screen(params: Identity & Extra & { name?: string; category?: string; properties?: Record<string, any> }, callback?: (err?: unknown) => void): void;
}
`

func TestGeneratedTypeScriptChecksWithTheClients(t *testing.T) {
	files := map[string]string{"analytics-node.ts": nodeClient}
	for _, p := range plans(t) {
		text, err := TypeScript(p)
		if err != nil {
			t.Fatal(err)
		}
		files[p.Name+".ts"] = string(text)
	}
	check := typecheck(t, files)
	out, err := check(`
import { AnalyticsBrowser } from "@segment/analytics-next";
import { Analytics } from "./analytics-node";
import { browser, node, messageSent, orderPlaced, delete2, identify, group, pagePricing, screenHome } from "./shop";
const to = browser(AnalyticsBrowser.load({ writeKey: "k" }));
messageSent(to, { conversationId: "c", type: "voice", role: "2nd line", "odd-name": null });
orderPlaced(to, { total: { amount: 9.5, currency: "EUR" }, lines: [{ sku: "x", sizes: [1, 2.5] }], comment: null, more: true });
identify(to, { plan: "free" }, "ada");
pagePricing(to);
const server = node(new Analytics(), { userId: "ada" });
group(server, "g", { name: "Initech" });
screenHome(server, { tab: "chat" });
delete2(server);
`)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func TestTypeScriptViolationsDoNotCheck(t *testing.T) {
	text, err := TypeScript(parse(t, shop))
	if err != nil {
		t.Fatal(err)
	}
	check := typecheck(t, map[string]string{"shop.ts": string(text)})
	calls := []struct{ call, want string }{
		{`s.messageSent(to, { conversationId: "c" })`, "Property 'type' is missing"},
		{`s.messageSent(to, { conversationId: 7, type: "text" })`, "'number' is not assignable to type 'string'"},
		{`s.messageSent(to, { conversationId: "c", type: "song" })`, `'"song"' is not assignable`},
		{`s.messageSent(to, { conversationId: "c", type: "text", colour: "red" })`, "'colour' does not exist"},
		{`s.orderPlaced(to, { total: { amount: 1 }, lines: [{}] })`, "Property 'sku' is missing"},
		{`s.messageSnt(to, {})`, "'messageSnt' does not exist"},
	}
	var b strings.Builder
	b.WriteString("import * as s from \"./shop\";\ndeclare const to: s.Target;\n")
	for _, c := range calls {
		b.WriteString(c.call + ";\n")
	}
	out, err := check(b.String())
	if err == nil {
		t.Fatal("violations pass the type checker")
	}
	for i, c := range calls {
		at := "app.ts(" + string(rune('0'+i+3)) + ","
		_, rest, _ := strings.Cut(out, at)
		if line, _, _ := strings.Cut(rest, "\napp.ts("); !strings.Contains(line, c.want) {
			t.Errorf("%s: got %q, want %q in it", c.call, line, c.want)
		}
	}
}
