/** The form of a chat widget. */
export default {
  widgetForm: {
    parts: 'Parts of the widget',
    tabs: { access: 'Place and people', look: 'Look', words: 'Words' },
    preview: 'Preview',
    previewOpen: 'Open',
    previewDark: 'Dark',
    previewLanguage: 'Language of the preview',
    clear: 'Stands out from the page: {ratio} to 1.',
    pale: 'Hard to see on such a page: {ratio} to 1, at least 3 is needed.',
    ownDark: 'Another colour on dark pages',
    colourDark: 'Colour on dark pages',
    icon: 'Picture on the button',
    icons: { chat: 'Speech bubble', question: 'Question mark', mail: 'Envelope', hand: 'Waving hand' },
    side: 'Distance from the side, px',
    bottom: 'Distance from the foot, px',
    bottomHint: 'More, where a cookie bar or a shop’s bar lies there.',
    launcherText: 'Text on the button',
    articles: 'Visitors may search the public articles before they ask',
    inlineText: 'Or as a part of the page, in a box of your own instead of a bubble:',
  },
}
