"use strict";
// Fills every number and every text of the page again, in the language chosen. The page is complete without it.
(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const numbers = read("numbers");
  const messages = read("messages");

  const valueAt = (path) => path.split(".").reduce((found, step) => found[step], numbers);

  // The same rules as _format.py: halves away from zero on the exact value.
  const superscript = (text) => text.replace(/[-0-9]/g, (c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]);

  function place(digits, exponent) {
    if (exponent < 0) return "0." + "0".repeat(-exponent - 1) + digits;
    const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
    const part = digits.slice(exponent + 1);
    return whole + (part ? "." + part : "");
  }

  function significant(magnitude, count) {
    if (magnitude === 0) return "0";
    const [mantissa, power] = magnitude.toExponential(count - 1).split("e");
    const exponent = Number(power);
    if (exponent >= -4 && exponent < 6) return place(mantissa.replace(".", ""), exponent);
    return mantissa + "×10" + superscript(String(exponent));
  }

  function compact(magnitude, count) {
    if (magnitude < 1e-9) return "0";
    const text = significant(magnitude, count);
    return text.includes(".") && !text.includes("×") ? text.replace(/\.?0+$/, "") : text;
  }

  function formatNumber(value, style) {
    if (value === null) return "–";
    const number = value === "inf" ? Infinity : value === "-inf" ? -Infinity : value;
    const [, sign, kind, width] = style.match(/^(\+?)([dfscp])(\d*)$/);
    const digits = Number(width || 0);
    const magnitude = Math.abs(number);
    let text;
    if (magnitude === Infinity) text = "∞";
    else if (kind === "s") text = significant(magnitude, digits);
    else if (kind === "c") text = compact(magnitude, digits);
    else if (kind === "p") text = (100 * magnitude).toFixed(digits) + " %";
    else text = magnitude.toFixed(digits);
    if (!/[1-9∞]/.test(text)) return text;
    return (number < 0 ? "−" : sign) + text;
  }

  const escaped = (text) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

  function filled(language, key, parts, html) {
    let text = messages[language][key];
    if (!html) text = text.replace(/<[^>]+>/g, "");
    return text.replace(/\{(\w+)\}/g, (_, name) => {
      const [kind, what, style] = parts[name];
      if (kind === "m") return filled(language, what, {}, html);
      if (kind === "t") return html ? escaped(what) : what;
      const shown = formatNumber(valueAt(what), style);
      return html ? `<span data-number="${what}" data-format="${style}">${shown}</span>` : shown;
    });
  }

  function speak(language) {
    document.documentElement.lang = language;
    for (const element of document.querySelectorAll("[data-message]")) {
      const parts = JSON.parse(element.dataset.parts || "{}");
      element.innerHTML = filled(language, element.dataset.message, parts, true);
    }
    for (const element of document.querySelectorAll("[data-attribute]")) {
      const [name, key, parts] = JSON.parse(element.dataset.attribute);
      element.setAttribute(name, filled(language, key, parts, false));
    }
    for (const element of document.querySelectorAll("[data-number]")) {
      element.textContent = formatNumber(valueAt(element.dataset.number), element.dataset.format);
    }
    for (const button of document.querySelectorAll("[data-language]")) {
      button.setAttribute("aria-pressed", String(button.dataset.language === language));
    }
    document.dispatchEvent(new Event("spoken"));
  }

  // Two pictures of a gallery, one above the other, cut at the slider, which lies over both.
  function wipe(box) {
    const pictures = document.querySelectorAll(`#${box.dataset.wipe} img`);
    const [under, over] = box.querySelectorAll("img");
    const [left, right] = box.querySelectorAll("select");
    const slider = box.querySelector("input");
    const stage = box.querySelector(".stage");
    const update = () => {
      const names = [];
      for (const [image, select, tag] of [[over, left, ".tag.left"], [under, right, ".tag.right"]]) {
        const chosen = pictures[Number(select.value)];
        names.push(select.selectedOptions[0].textContent);
        box.querySelector(tag).textContent = names.at(-1);
        if (image.src !== chosen.src) image.src = chosen.src;
        image.alt = chosen.alt;
        image.width = chosen.width;
        image.height = chosen.height;
        image.classList.toggle("small", chosen.classList.contains("small"));
      }
      stage.style.setProperty("--cut", slider.value + "%");
      stage.style.setProperty("--share", slider.value / 100);
      slider.setAttribute("aria-valuetext", `${names[0]} ${slider.value} %, ${names[1]} ${100 - slider.value} %`);
    };
    for (const control of [left, right, slider]) control.addEventListener("input", update);
    document.addEventListener("spoken", update);
    box.hidden = false;
    update();
  }

  // One frame of a strip at a time, large, chosen by the slider.
  function film(box) {
    const frames = box.querySelectorAll(".strip .frame");
    const screen = box.querySelector(".screen");
    const slider = box.querySelector("input");
    const strip = box.querySelector(".strip");
    const update = () => {
      const chosen = frames[Number(slider.value)];
      screen.querySelector(".frame").innerHTML = chosen.innerHTML;
      const captions = [...chosen.querySelectorAll("p, figcaption")].map((e) => e.textContent.trim());
      slider.setAttribute("aria-valuetext", captions.join("; "));
      for (const frame of frames) frame.classList.toggle("chosen", frame === chosen);
      strip.scrollLeft = chosen.offsetLeft - strip.offsetLeft - (strip.clientWidth - chosen.clientWidth) / 2;
    };
    slider.addEventListener("input", update);
    document.addEventListener("spoken", update);
    screen.hidden = false;
    update();
  }

  for (const button of document.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => speak(button.dataset.language));
  }
  document.querySelector(".languages").hidden = false;
  for (const box of document.querySelectorAll("[data-wipe]")) wipe(box);
  for (const box of document.querySelectorAll(".film")) film(box);
  window.addEventListener("beforeprint", () => {
    for (const element of document.querySelectorAll("details")) element.open = true;
  });
  window.invdeconv = { formatNumber, speak };
  speak(document.documentElement.lang);
})();
