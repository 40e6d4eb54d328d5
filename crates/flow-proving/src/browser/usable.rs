//! What of a page cannot be read, seen or hit by everybody: WCAG 2.2 AA, as far as a program can measure it.

use serde_json::Value;

use super::Page;

/// What the measurements share: colours as they are seen, and what is behind an element.
const COLOURS: &str = r"
    const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
    const rgba = (color) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = color;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const luminance = (color) => {
        const [red, green, blue] = rgba(color).map((part) => part / 255)
            .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const contrast = (one, other) => {
        const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a);
        return (high + 0.05) / (low + 0.05);
    };
    const style = (element, part) => getComputedStyle(element, part);
    const above = (element) => element.parentElement ?? element.getRootNode().host;
    const behind = (element) => {
        for (let each = element; each; each = above(each)) {
            const color = style(each).backgroundColor;
            if (rgba(color)[3] === 255) return color;
        }
        return 'Canvas';
    };
    const called = (element) => [element.tagName.toLowerCase(), element.className.baseVal ?? element.className,
        element.textContent.trim().slice(0, 40)].join(' ');
    const isSeen = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getBoundingClientRect().width > 1;
";

/// Texts and pictures below 4.5 to 1, edges of inputs and dots below 3 to 1, and controls that nothing shows.
const HARD_TO_SEE: &str = r"
    const found = [];
    const want = (element, what, one, other, least) => {
        const ratio = contrast(one, other);
        if (ratio < least) found.push(`${called(element)}: ${what} ${ratio.toFixed(2)}`);
    };
    let looked = 0;
    for (const element of root.querySelectorAll('*')) {
        if (!isSeen(element) || element.matches('style, .unseen')) continue;
        const says = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
        if (says || element.matches('svg, input, textarea')) {
            looked += 1;
            want(element, 'text', style(element).color, behind(element), 4.5);
        }
        if (element.matches('input, textarea')) {
            want(element, 'placeholder', style(element, '::placeholder').color, behind(element), 4.5);
            want(element, 'edge', style(element).borderTopColor, behind(above(element)), 3);
        }
        // What is nothing but a spot of colour.
        if (element.matches('i:empty')) want(element, 'spot', style(element).backgroundColor, behind(above(element)), 3);
    }
    return { looked, found };
";

/// Controls that are smaller than a finger's tip, unless they stand in a line of text.
const HARD_TO_HIT: &str = r"
    const controls = [...root.querySelectorAll('button, input, textarea, a, summary, [tabindex=\'0\']')].filter(isSeen);
    const small = controls.filter((control) => {
        const { width, height } = control.getBoundingClientRect();
        return style(control).display !== 'inline' && (width < 24 || height < 24);
    });
    return { looked: controls.length, found: small.map(called) };
";

/// The element that has the keyboard's focus, if that is not seen.
const FOCUS: &str = r"
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    if (!element || element === document.body) return { at: null };
    const { outlineStyle, outlineWidth, outlineColor, outlineOffset } = style(element);
    const around = parseFloat(outlineOffset) < 0 ? behind(element) : behind(above(element));
    const ratio = contrast(outlineColor, around);
    // With `auto` the browser draws what it knows to be seen.
    const isShown = outlineStyle === 'auto' || outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2 && ratio >= 3;
    window.focused ??= [];
    const again = window.focused.includes(element);
    window.focused.push(element);
    return { at: called(element), again, unseen: isShown ? null : `${outlineStyle} ${outlineWidth} ${ratio.toFixed(2)}` };
";

impl Page {
    /// What under `root` has too little contrast to be seen: none if everything can be read.
    pub async fn hard_to_see(&self, root: &str) -> Vec<String> {
        self.measured(root, HARD_TO_SEE).await
    }

    /// Which controls under `root` are too small for a finger.
    pub async fn hard_to_hit(&self, root: &str) -> Vec<String> {
        self.measured(root, HARD_TO_HIT).await
    }

    /// Goes through the page with the tab key, from where the focus is until it comes round, and tells of each place where it
    /// is not seen. The second list is everything that was met.
    pub async fn hard_to_follow(&self) -> (Vec<String>, Vec<String>) {
        let (mut unseen, mut met) = (Vec::new(), Vec::new());
        self.evaluate("window.focused = []").await;
        for _ in 0..100 {
            self.press_key("Tab").await;
            let focus = self.evaluate(&format!("(() => {{ {COLOURS} {FOCUS} }})()")).await;
            let Some(at) = focus["at"].as_str() else { continue };
            if focus["again"] == true {
                return (unseen, met);
            }
            if let Some(how) = focus["unseen"].as_str() {
                unseen.push(format!("{at}: {how}"));
            }
            met.push(at.to_owned());
        }
        panic!("the tab key comes to no end: {met:?}");
    }

    async fn measured(&self, root: &str, measure: &str) -> Vec<String> {
        let measure = format!("(() => {{ const root = {root}; {COLOURS} {measure} }})()");
        let seen = self.evaluate(&measure).await;
        assert!(seen["looked"].as_u64() > Some(2), "nothing was looked at: {seen}");
        let found = seen["found"].as_array().expect("a list").iter();
        found.filter_map(Value::as_str).map(str::to_owned).collect()
    }
}
