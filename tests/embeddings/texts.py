"""Texts in eleven languages, and odd ones: tokens and vectors of the reference are recorded for them (`recorded.json`)."""

TEXTS: dict[str, tuple[str, ...]] = {
    "ar": (
        "القاهرة هي عاصمة مصر وأكبر مدنها.",
        "كيف يمكنني تشغيل المصباح في غرفة المعيشة؟",
        "تُشرب القهوة العربية مع التمر في معظم دول الخليج، وتُقدَّم للضيوف عند وصولهم.",
    ),
    "de": (
        "Die Hauptstadt von Frankreich ist Paris.",
        "Wie schalte ich die Lampe im Wohnzimmer ein?",
        "Straßenbahnfahrer müssen übermäßige Verspätungen von mehr als 12,5 Minuten schriftlich begründen.",
    ),
    "el": (
        "Η Αθήνα είναι η πρωτεύουσα της Ελλάδας.",
        "Πώς ανάβω το φως στο σαλόνι;",
        "Ο καφές καλλιεργείται σε περισσότερες από εβδομήντα χώρες, κυρίως κοντά στον ισημερινό.",
    ),
    "en": (
        "The capital of France is Paris.",
        "How do I turn on the lamp in the living room?",
        "Coffee is grown in over seventy countries, most of them near the equator, and roasted close to where it is drunk.",
        "def area(radius):\n    return 3.14159 * radius ** 2  # https://example.org/?q=a+b&c=%20",
    ),
    "es": (
        "Madrid es la capital de España.",
        "¿Cómo enciendo la lámpara del salón?",
        "El café se cultiva en más de setenta países, la mayoría de ellos cerca del ecuador.",
    ),
    "hi": (
        "नई दिल्ली भारत की राजधानी है।",
        "मैं बैठक का दीपक कैसे जलाऊँ?",
        "कॉफ़ी सत्तर से अधिक देशों में उगाई जाती है, जिनमें से अधिकांश भूमध्य रेखा के पास हैं।",
    ),
    "ru": (
        "Москва — столица России.",
        "Как включить лампу в гостиной?",
        "Кофе выращивают более чем в семидесяти странах, большинство из которых лежит у экватора.",
    ),
    "th": (
        "กรุงเทพมหานครเป็นเมืองหลวงของประเทศไทย",
        "ฉันจะเปิดโคมไฟในห้องนั่งเล่นได้อย่างไร",
        "กาแฟปลูกในกว่าเจ็ดสิบประเทศ ส่วนใหญ่อยู่ใกล้เส้นศูนย์สูตร",
    ),
    "tr": (
        "Türkiye'nin başkenti Ankara'dır.",
        "Oturma odasındaki lambayı nasıl açarım?",
        "Kahve, çoğu ekvatora yakın yetmişten fazla ülkede yetiştirilir.",
    ),
    "vi": (
        "Hà Nội là thủ đô của Việt Nam.",
        "Làm thế nào để bật đèn trong phòng khách?",
        "Cà phê được trồng ở hơn bảy mươi quốc gia, phần lớn nằm gần xích đạo.",
    ),
    "zh": (
        "巴黎是法国的首都。",
        "怎样打开客厅的灯？",
        "咖啡种植在七十多个国家，其中大多数靠近赤道，并在饮用地附近烘焙。",
    ),
    "odd": (
        "ＦＵＬＬ ｗｉｄｔｈ　ｔｅｘｔ ① ½ ﬁ ㎏ ™",
        "tabs\tand\r\nlines  and   many    spaces",
        "flag 🇩🇪 and 🚀",
        "\u200bzero\u200cwidth\ufeff and soft\u00adhyphen",
        "\u202eright to left\u202c",
        "a" * 200,
        "∀x∈ℝ: ⌈x⌉ = −⌊−x⌋, α ∧ ¬β",
    ),
}
