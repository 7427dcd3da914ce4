package language_test

import (
	"strings"
	"testing"

	"github.com/debrief-dev/debrief/internal/enrich/language"
)

func TestDetectTellsShortMessages(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		if got, p := language.New().Detect(text); got != want {
			t.Errorf("%q: got %s (%.2f), want %s", text, got, p, want)
		}
	}
	f("can you fix that test please?", "en")
	f("lol no thats wrong", "en")
	f("Wo finde ich meine Rechnung?", "de")
	f("das war leider die falsche Adresse", "de")
	f("où est passée ma facture ?", "fr")
	f("¿me puedes decir a qué hora abren?", "es")
	f("quero cancelar a minha assinatura", "pt")
	f("vorrei cambiare la password", "it")
	f("ik kan niet inloggen op de website", "nl")
	f("nie mogę się zalogować na stronę", "pl")
	f("jag kan inte logga in på sidan", "sv")
	f("bu sayfayı açamıyorum", "tr")
	f("không mở được trang này", "vi")
	f("не могу войти в личный кабинет", "ru")
	f("не можу увійти, що робити?", "uk")
	f("не мога да вляза в сайта", "bg")
	f("لا أستطيع تسجيل الدخول", "ar")
	f("نمی‌توانم وارد حسابم بشوم", "fa")
	f("میں لاگ ان نہیں کر سکتا", "ur")
	f("मैं लॉगिन नहीं कर पा रहा हूँ", "hi")
	f("मला लॉग इन करता येत नाही", "mr")
	f("ログインできません", "ja")
	f("会議の資料を作成してください", "ja")
	f("我登录不了", "zh")
	f("로그인이 안 돼요", "ko")
	f("δεν μπορώ να συνδεθώ", "el")
	f("אני לא מצליח להתחבר", "he")
	f("ვერ შევდივარ", "ka")
}

// Names of products and commands are in Latin letters whatever people speak.
func TestDetectLooksPastNamesAndLinks(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		if got, p := language.New().Detect(text); got != want {
			t.Errorf("%q: got %s (%.2f), want %s", text, got, p, want)
		}
	}
	f("как установить Kubernetes?", "ru")
	f("怎么用 Visual Studio Code 打开文件", "zh")
	f("schau mal hier https://example.com/the/terms/and/conditions bitte", "de")
	f("translate 東京 for me please", "en")
}

func TestDetectSaysNothingOfNoWords(t *testing.T) {
	for _, text := range []string{"", " ", "42", "👍👍", "?!", "https://example.com", "\xff\xfe", "a@b.example"} {
		if got, p := language.New().Detect(text); got != "" || p != 0 {
			t.Errorf("%q: got %q %v, want nothing", text, got, p)
		}
	}
}

func TestConfidenceIsLowWhereWordsSayLittle(t *testing.T) {
	_, sure := language.New().Detect("could you please tell me where the station is")
	_, unsure := language.New().Detect("Kim")
	if unsure >= 0.9 || sure <= unsure {
		t.Errorf("a name: %.3f, a sentence: %.3f", unsure, sure)
	}
}

func TestDetectAllocatesNothing(t *testing.T) {
	d := language.New()
	if n := testing.AllocsPerRun(100, func() { d.Detect("Wo finde ich meine Rechnung vom letzten Monat?") }); n != 0 {
		t.Errorf("%v allocations a message", n)
	}
}

func TestReadRefusesBrokenWeights(t *testing.T) {
	for _, file := range []string{"", "x", "\x1f\x8b"} {
		if _, err := language.Read([]byte(file)); err == nil {
			t.Errorf("%q: no error", file)
		}
	}
}

func FuzzDetect(f *testing.F) {
	for _, s := range []string{"hello", "ok 👍", "日本語 and English", strings.Repeat("ẞ", 300), "\xf0\x28\x8c\x28", "नमस्ते دنیا"} {
		f.Add(s)
	}
	d := language.New()
	f.Fuzz(func(t *testing.T, s string) {
		lang, p := d.Detect(s)
		if p < 0 || p > 1 || p != p || (lang == "") != (p == 0) {
			t.Errorf("%q: %q %v", s, lang, p)
		}
	})
}

func BenchmarkDetect(b *testing.B) {
	d := language.New()
	f := func(name, text string) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				d.Detect(text)
			}
		})
	}
	f("short", "where is my order?")
	f("message", "I ordered the blue one last week but the parcel that came had a red one in it, can you help?")
	f("long", strings.Repeat("I ordered the blue one last week but the parcel that came had a red one in it, can you help? ", 40))
	f("russian", "Подскажите, пожалуйста, где мой заказ? Я жду его уже неделю.")
	f("chinese", "你好，帮我推荐一个价格在七百元左右的酒店，谢谢。")
}
