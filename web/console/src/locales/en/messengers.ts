/** Messengers in the administration. */
export default {
  messengers: {
    text: 'What clients write from these messengers becomes tickets; answers go back where they came from.',
    new: 'Connect a messenger',
    none: 'No messenger connected',
    noneText: 'Connect one, and clients reach you from it within seconds.',
    formText: 'Nothing is saved before you press Save; the test asks the provider for real.',
    which: 'Messenger',
    nameHint: 'How colleagues know it.',
    queueHint: 'Where messages from here wait.',
    more: 'More settings',
    secretAnew: 'It would go to another server now: enter it again.',
    makeSecret: 'Make one',
    address: 'Address for calls',
    addressText: 'Give this address to the other system: it calls it whenever a client writes.',
    kinds: {
      telegram: {
        text: 'One account is one bot.',
        step1: "In Telegram open {'@'}BotFather and send /newbot.",
        step2: 'Choose a name and a user name for the bot.',
        step3: 'Copy the token from its answer and paste it here.',
        bot_token: { label: 'Bot token', hint: 'Like 123456789:AAF… It is stored sealed and shown to nobody.' },
        receiving: {
          label: 'How messages come',
          polling: 'The center asks Telegram',
          pollingHint: 'Works from anywhere, also behind a firewall.',
          webhook: 'Telegram calls the center',
          webhookHint: 'Needs a public https address on port 443, 80, 88 or 8443.',
        },
        api_url: { label: 'Bot API server', hint: 'Change it only if you run a Bot API server yourselves.' },
      },
      custom: {
        text: 'Any system that makes and takes HTTP requests: your own app or messenger, or a bridge.',
        step1: 'Enter the address that shall take our answers.',
        step2: 'Make a signing secret, and copy it into the other system.',
        step3: 'After saving, give the other system the address for calls.',
        url: { label: 'Address for answers', hint: 'Takes a signed POST for every answer; https.' },
        signing_secret: { label: 'Signing secret', hint: 'Both sides prove themselves with it. It is stored sealed and shown to nobody later.' },
        file_hosts: { label: 'Hosts of clients’ files', hint: 'One a line. When empty, files are fetched only from the host above.' },
      },
    },
  },
}
