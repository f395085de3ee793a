// What the page says: in a customer's words, by their English.

export let lang = localStorage.lang ?? (navigator.language.startsWith("ar") ? "ar" : "en");
export const turn = () => (localStorage.lang = lang = lang === "ar" ? "en" : "ar");

const ARABIC = {
	العربية: "English",
	Email: "البريد الإلكتروني",
	Password: "كلمة المرور",
	"Sign in": "تسجيل الدخول",
	"Sign out": "تسجيل الخروج",
	"Your bookings": "حجوزاتك",
	"New request": "طلب جديد",
	"Loading…": "جارٍ التحميل…",
	"Message…": "رسالة…",
	Send: "إرسال",
	"Show earlier messages": "عرض رسائل أقدم",
	"This conversation has ended.": "انتهت هذه المحادثة.",
	"Start again": "ابدأ من جديد",
	Yes: "نعم",
	No: "لا",
	"Are you sure?": "هل أنت متأكد؟",
	"waiting…": "في الانتظار…",
	"sending…": "جارٍ الإرسال…",
	sent: "أُرسلت",
	delivered: "وصلت",
	seen: "شوهدت",
	"Still do this?": "أما زلت تريد هذا؟",
	"Not sent: {why}": "لم تُرسل: {why}",
	Retry: "إعادة المحاولة",
	Copy: "نسخ",
	Discard: "تجاهل",
	"Message removed": "حُذفت الرسالة",
	"{name} is typing…": "{name} يكتب…",
	"Try now": "حاول الآن",
	"Slow connection: checking every 2 seconds.": "الاتصال بطيء: نتحقق كل ثانيتين.",
	"No connection. We keep your message and send it for you. Shown as of {time}.":
		"لا يوجد اتصال. نحتفظ برسالتك ونرسلها عنك. المعروض حتى {time}.",
	"Please sign in, or open your link again. Nothing is lost.": "سجّل الدخول أو افتح رابطك مجددًا. لم يُفقد شيء.",
	"This link is not valid any more. Ask us for a new one.": "لم يعد هذا الرابط صالحًا. اطلب منا رابطًا جديدًا.",
	"Email or password is wrong.": "البريد الإلكتروني أو كلمة المرور غير صحيحة.",
	"This page is for customers.": "هذه الصفحة للعملاء.",
	"There is no such booking of yours.": "لا يوجد حجز كهذا باسمك.",
	"We cannot be reached right now. Please try again.": "يتعذر الوصول إلينا الآن. حاول مرة أخرى.",
	"This device could not do that. Please try again.": "لم يتمكن هذا الجهاز من ذلك. حاول مرة أخرى.",
	"this is not possible for you": "هذا غير متاح لك",
	"the booking is now “{status}”": "حالة الحجز الآن «{status}»",
};

export const words = (text, values = {}) =>
	((lang === "ar" && ARABIC[text]) || text || "").replace(/\{(\w+)\}/g, (_, name) => values[name]);

export const named = (texts) => texts?.[lang] || texts?.en || "";

const locale = () => (lang === "ar" ? "ar-u-nu-latn" : "en-GB");

export const clock = (at) => new Date(at).toLocaleTimeString(locale(), { timeStyle: "short" });

export function day(at) {
	const ago = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 864e5);
	if (ago < 2) return new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(-ago, "day");
	return new Date(at).toLocaleDateString(locale(), { dateStyle: "full" });
}
